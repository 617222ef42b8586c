#include "recipe.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "blur.hpp"
#include "elementary.hpp"
#include "packed_reader.hpp"
#include "schedule.hpp"

namespace nanotilt {
namespace {

// Larger than any sensible recipe, small enough that no index below overflows an int.
constexpr int count_limit = 1 << 20;

// Four standard deviations of the sum of n values of noise around the background, and what rounding may add.
double least_mass(const DetectorPlan& d) {
    const double background = std::fabs(static_cast<double>(d.background));
    const double relative = d.noise * background;
    const double counting = d.dose > 0.0 ? background / d.dose : 0.0;
    return 4.0 * std::sqrt(d.n_bins * (relative * relative + counting)) + 1e-6 * d.n_bins * background;
}

void read_normalisation(PackedReader& in, DetectorPlan& d) {
    const double low = in.number();
    const double high = in.number();
    d.normalise_offset = static_cast<float>(low);
    d.normalise_scale = static_cast<float>(1.0 / (high - low));
}

// Angles of the views; gives each one's exact sine and cosine.
template <typename Use>
void read_views(PackedReader& in, DetectorPlan& d, const Use& use) {
    d.views.resize(static_cast<std::size_t>(in.integer("n_views", 1, count_limit)));
    for (ViewAngle& view : d.views) {
        const double angle = in.number();
        const SinCosDouble turn = sincos_double(angle);
        view = {static_cast<float>(angle), static_cast<float>(turn.sin), static_cast<float>(turn.cos)};
        use(turn);
    }
    const auto n_values = static_cast<std::int64_t>(d.views.size()) * d.n_bins;
    if (n_values > (std::int64_t{1} << 25)) {
        throw std::invalid_argument("packed recipe: the values of a sample's views must be <= 2**25");
    }
    d.n_noise_groups = static_cast<int>((n_values + normals_per_group - 1) / normals_per_group);
}

CameraPlan read_camera(PackedReader& in, int n_pixels, DetectorPlan& d) {
    CameraPlan c{};
    c.n_pixels = n_pixels;
    c.pixels_per_length = n_pixels / in.number();
    if (!(c.pixels_per_length > 0.0) || !std::isfinite(c.pixels_per_length)) {
        throw std::invalid_argument("packed recipe: field_of_view must be > 0");
    }
    c.samples_per_side = in.integer("samples_per_side", 0, 64);
    c.projected = in.integer("projected", 0, 1) != 0;
    d.n_bins = c.n_rows() * n_pixels;
    d.bins_per_length = 1.0F;
    d.background = in.real();
    d.blur_weights = gaussian_weights(in.number());
    c.noise = static_cast<NoiseKind>(in.integer("noise kind", 0, 3));
    c.noise_level = in.number();
    c.remove_background = in.integer("remove_background", 0, 1) != 0;
    c.centring = in.integer("centring", 0, 1) != 0;
    read_normalisation(in, d);
    read_views(in, d, [&](const SinCosDouble& turn) { c.turns.push_back({turn.sin, turn.cos}); });
    if (c.noise != NoiseKind::uniform && c.noise != NoiseKind::gaussian) {
        d.n_noise_groups = 0;
    }
    return c;
}

DetectorPlan read_detector(PackedReader& in, int n_bins) {
    DetectorPlan d{};
    d.n_bins = n_bins;
    const double lower = in.number();
    const double upper = in.number();
    d.lower = static_cast<float>(lower);
    // np.linspace(lower, upper, 1) is the one ray at lower; its bin is as wide as the detector.
    d.bins_per_length = static_cast<float>(std::max(d.n_bins - 1, 1) / (upper - lower));
    if (!(d.bins_per_length > 0.0F) || !std::isfinite(d.bins_per_length)) {
        throw std::invalid_argument("packed recipe: upper must be > lower");
    }
    d.shift_std = in.real();
    d.about_x = in.real();
    d.about_y = in.real();
    d.background = in.real();
    d.blur_weights = gaussian_weights(in.number());
    d.noise = in.real();
    d.dose = in.number();
    d.sampling = static_cast<Sampling>(in.integer("sampling", 0, 1));
    d.centring = in.integer("centring", 0, 1) != 0;
    d.least_mass = least_mass(d);
    read_normalisation(in, d);
    d.angle_std_rad = in.real();
    read_views(in, d, [](const SinCosDouble&) {});
    return d;
}

FeaturePlan read_feature(PackedReader& in) {
    FeaturePlan f{};
    f.kind = static_cast<FeatureKind>(in.integer("feature kind", 0, 1));
    f.density = in.real();
    f.max_offset = in.real();
    f.radius = in.normal();
    f.straightness = in.normal();
    f.widening = in.normal();
    f.max_thickness = in.normal();
    f.clockwise = in.integer("clockwise", 0, 1) != 0;
    return f;
}

// A hole keeps the outline's corner spacing, so that its corner count depends on what is drawn. Five standard deviations of both
// radii bound it; beyond, the ring has this many corners.
int hole_corner_capacity(const FeaturePlan& hole, const ParticlePlan& particle) {
    const double mean = particle.radius.mean;
    const double smallest_outline = std::max(mean - 5.0 * particle.radius.std, 0.25 * mean);
    const double largest_hole = static_cast<double>(hole.radius.mean) + 5.0 * hole.radius.std;
    const double corners = std::ceil(particle.n_corners * largest_hole / smallest_outline);
    return static_cast<int>(std::clamp(corners, 3.0, 4.0 * particle.n_corners));
}

// Checked after every feature, of at most 4 * 2^20 corners, so that no sum comes near the limit of an int.
void expect_countable(int corners) {
    if (corners > (1 << 26)) {
        throw std::invalid_argument(
            "a particle must have <= 2**26 corners: its outline's n_corners, or the number of its features, is too large");
    }
}

// Gives every normal its place, and every buffer its size.
void lay_out(ParticlePlan& p, int n_views) {
    int normals = 3;
    for (FeaturePlan& f : p.features) {
        f.parameter_normals = normals;
        normals += 4;
    }
    p.roughness_normals = normals;
    normals += p.n_corners;
    int points = padded(p.n_corners + 1);
    for (FeaturePlan& f : p.features) {
        f.roughness_normals = normals;
        if (f.kind == FeatureKind::hole) {
            f.corner_capacity = hole_corner_capacity(f, p);
            normals += f.corner_capacity;
            expect_countable(normals);
        } else {
            f.corner_capacity = 2 * (p.n_corners + 1);  // inner and outer edge, n_corners steps each
        }
        points += padded(f.corner_capacity + 1);
        expect_countable(points);
    }
    p.view_normals = normals;
    normals += 2 * n_views;
    expect_countable(normals);
    expect_countable(points);
    p.n_normal_groups = (normals + normals_per_group - 1) / normals_per_group;
    p.n_points = points;
}

// Whether no two edges meet other than at the corner that they share.
bool edges_keep_apart(const std::vector<float>& x, const std::vector<float>& y, int n) {
    const auto side = [&](int a, int b, int c) {
        const auto at = [](const std::vector<float>& values, int i) {
            return static_cast<double>(values[static_cast<std::size_t>(i)]);
        };
        const double turn = (at(x, b) - at(x, a)) * (at(y, c) - at(y, a)) - (at(y, b) - at(y, a)) * (at(x, c) - at(x, a));
        return turn > 0.0 ? 1 : (turn < 0.0 ? -1 : 0);
    };
    for (int i = 0; i < n; ++i) {
        for (int j = i + 2; j < n - (i == 0 ? 1 : 0); ++j) {
            const int i1 = i + 1;
            const int j1 = (j + 1) % n;
            // A corner on another edge counts as a meeting; the even-odd rule is right there, too.
            if (side(i, i1, j) * side(i, i1, j1) <= 0 && side(j, j1, i) * side(j, j1, i1) <= 0) {
                return false;
            }
        }
    }
    return true;
}

PolygonPlan read_polygon(PackedReader& in, int n_corners) {
    PolygonPlan p{};
    p.lowest_turn_rad = in.real();
    p.turn_range_rad = in.real() - p.lowest_turn_rad;
    for (int i = 0; i < n_corners; ++i) {
        p.x.push_back(in.real());
        p.y.push_back(in.real());
    }
    double doubled_area = 0.0;  // positive if corners run anticlockwise
    for (int i = 0; i < n_corners; ++i) {
        const auto a = static_cast<std::size_t>(i);
        const auto b = static_cast<std::size_t>((i + 1) % n_corners);
        doubled_area += static_cast<double>(p.x[a]) * p.y[b] - static_cast<double>(p.x[b]) * p.y[a];
    }
    p.orientation = doubled_area > 0.0 ? -1.0F : 1.0F;
    p.simple = edges_keep_apart(p.x, p.y, n_corners);
    p.x.resize(static_cast<std::size_t>(padded(n_corners)), 0.0F);
    p.y.resize(static_cast<std::size_t>(padded(n_corners)), 0.0F);
    return p;
}

ParticlePlan read_particle(PackedReader& in, int n_views) {
    ParticlePlan p{};
    p.radius = in.normal();
    p.roughness = in.real();
    p.n_corners = in.integer("n_corners", -camera_corner_limit, count_limit);
    const bool is_polygon = p.n_corners < 0;
    p.n_corners = std::abs(p.n_corners);
    if (p.n_corners < 3) {
        throw std::invalid_argument("packed recipe: an outline must have 3 corners at least");
    }
    p.centre_x.mean = in.real();
    p.centre_y.mean = in.real();
    p.centre_x.std = in.real();
    p.centre_y.std = in.real();
    const int n_features = in.integer("number of features", 0, is_polygon ? 0 : 1024);
    if (is_polygon) {
        p.polygon = read_polygon(in, p.n_corners);
    }
    for (int i = 0; i < n_features; ++i) {
        p.features.push_back(read_feature(in));
    }
    for (int i = 0; i < padded(p.n_corners); ++i) {
        const SinCosDouble at = sincos_double(2.0 * pi * i / p.n_corners);
        p.corner_sin.push_back(static_cast<float>(at.sin));
        p.corner_cos.push_back(static_cast<float>(at.cos));
    }
    lay_out(p, n_views);
    return p;
}

}  // namespace

std::unique_ptr<const Plan> unpack_plan(std::string_view packed) {
    PackedReader in(packed);
    const double version = in.number();
    if (version != stream_version) {
        throw std::invalid_argument("packed recipe is of another stream version. Received: " + std::to_string(version) +
                                    ", this build makes version " + std::to_string(stream_version));
    }
    auto plan = std::make_unique<Plan>();
    const int n_bins = in.integer("n_bins", -count_limit, count_limit);
    if (n_bins == 0) {
        throw std::invalid_argument("packed recipe: n_bins must not be 0");
    }
    if (n_bins < 0) {
        if (n_bins < -4096) {
            throw std::invalid_argument("packed recipe: n_pixels must be <= 4096");
        }
        plan->camera = read_camera(in, -n_bins, plan->detector);
    } else {
        plan->detector = read_detector(in, n_bins);
    }
    const auto n_views = static_cast<int>(plan->detector.views.size());
    std::vector<double> weights(static_cast<std::size_t>(in.integer("n_classes", 1, 65536)));
    for (double& weight : weights) {
        weight = in.number();
    }
    plan->schedule = class_schedule(weights);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        plan->classes.push_back(read_particle(in, n_views));
        const ParticlePlan& p = plan->classes.back();
        plan->max_points = std::max(plan->max_points, p.n_points);
        plan->max_particle_normals = std::max(plan->max_particle_normals, p.n_normal_groups * normals_per_group);
        plan->max_ring_corners = std::max(plan->max_ring_corners, p.n_corners);
        for (const FeaturePlan& f : p.features) {
            plan->max_ring_corners = std::max(plan->max_ring_corners, f.corner_capacity);
        }
        plan->max_rings = std::max(plan->max_rings, static_cast<int>(p.features.size()) + 1);
    }
    in.expect_end();
    if (plan->camera && plan->max_ring_corners > camera_corner_limit) {
        throw std::invalid_argument("packed recipe: a camera's rings must have <= " + std::to_string(camera_corner_limit) +
                                    " corners");
    }
    return plan;
}

}  // namespace nanotilt
