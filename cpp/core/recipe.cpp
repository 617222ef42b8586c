#include "recipe.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <string>

#include "blur.hpp"
#include "elementary.hpp"
#include "schedule.hpp"

namespace nanotilt {
namespace {

class Reader {
   public:
    explicit Reader(std::string_view packed) : packed_(packed) {}

    double number() {
        if (packed_.size() - position_ < sizeof(double)) {
            throw std::invalid_argument("packed recipe ends too early, at byte " + std::to_string(position_));
        }
        double value;
        std::memcpy(&value, packed_.data() + position_, sizeof value);
        position_ += sizeof value;
        if (!std::isfinite(value)) {
            throw std::invalid_argument("packed recipe holds a number that is not finite");
        }
        return value;
    }

    float real() { return static_cast<float>(number()); }

    int integer(const char* field, int low, int high) {
        const double value = number();
        if (!(value >= low && value <= high) || value != std::floor(value)) {
            throw std::invalid_argument(std::string("packed recipe: ") + field + " must be an integer in [" + std::to_string(low) +
                                        ", " + std::to_string(high) + "]. Received: " + std::to_string(value));
        }
        return static_cast<int>(value);
    }

    Normal normal() {
        const float mean = real();
        return {mean, real()};
    }

    void expect_end() const {
        if (position_ != packed_.size()) {
            throw std::invalid_argument("packed recipe is longer than its contents");
        }
    }

   private:
    std::string_view packed_;
    std::size_t position_ = 0;
};

// Larger than any sensible recipe, small enough that no index below overflows an int.
constexpr int count_limit = 1 << 20;

// Four standard deviations of the sum of n values of noise around the background, and what rounding may add.
double least_mass(const DetectorPlan& d) {
    const double background = std::fabs(static_cast<double>(d.background));
    const double relative = d.noise * background;
    const double counting = d.dose > 0.0 ? background / d.dose : 0.0;
    return 4.0 * std::sqrt(d.n_bins * (relative * relative + counting)) + 1e-6 * d.n_bins * background;
}

DetectorPlan read_detector(Reader& in) {
    DetectorPlan d{};
    d.n_bins = in.integer("n_bins", 1, count_limit);
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
    const double low = in.number();
    const double high = in.number();
    d.normalise_offset = static_cast<float>(low);
    d.normalise_scale = static_cast<float>(1.0 / (high - low));
    d.angle_std_rad = in.real();
    d.views.resize(static_cast<std::size_t>(in.integer("n_views", 1, count_limit)));
    for (ViewAngle& view : d.views) {
        const double angle = in.number();
        const SinCosDouble turn = sincos_double(angle);
        view = {static_cast<float>(angle), static_cast<float>(turn.sin), static_cast<float>(turn.cos)};
    }
    const auto n_values = static_cast<std::int64_t>(d.views.size()) * d.n_bins;
    if (n_values > (std::int64_t{1} << 25)) {
        throw std::invalid_argument("packed recipe: n_views * n_bins must be <= 2**25");
    }
    d.n_noise_groups = static_cast<int>((n_values + normals_per_group - 1) / normals_per_group);
    return d;
}

FeaturePlan read_feature(Reader& in) {
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

ParticlePlan read_particle(Reader& in, int n_views) {
    ParticlePlan p{};
    p.radius = in.normal();
    p.roughness = in.real();
    p.n_corners = in.integer("n_corners", 3, count_limit);
    p.centre_x.mean = in.real();
    p.centre_y.mean = in.real();
    p.centre_x.std = in.real();
    p.centre_y.std = in.real();
    const int n_features = in.integer("number of features", 0, 1024);
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
    Reader in(packed);
    const double version = in.number();
    if (version != stream_version) {
        throw std::invalid_argument("packed recipe is of another stream version. Received: " + std::to_string(version) +
                                    ", this build makes version " + std::to_string(stream_version));
    }
    auto plan = std::make_unique<Plan>();
    plan->detector = read_detector(in);
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
    return plan;
}

}  // namespace nanotilt
