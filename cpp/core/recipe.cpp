#include "recipe.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "blur.hpp"
#include "elementary.hpp"
#include "packed_reader.hpp"
#include "particle_plan.hpp"
#include "recipe_limits.hpp"
#include "schedule.hpp"

namespace nanotilt {
namespace {

constexpr double largest_float = static_cast<double>(std::numeric_limits<float>::max());

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
    if (!std::isfinite(d.normalise_offset) || !(d.normalise_scale > 0.0F) || !std::isfinite(d.normalise_scale)) {
        throw std::invalid_argument("packed recipe: normalise must be (low, high) at a distance that float can invert");
    }
}

// Fast counting works in float; doses that float cannot hold well are counted exactly.
Counting counting_of(bool fast, double dose) {
    return fast && dose >= static_cast<double>(std::numeric_limits<float>::min()) ? Counting::fast : Counting::exact;
}

// Angles of the views; gives each one's exact sine and cosine.
template <typename Use>
void read_views(PackedReader& in, DetectorPlan& d, const Use& use) {
    const int n_views = in.integer("n_views", 1, n_views_limit);
    const std::int64_t n_values = std::int64_t{n_views} * d.n_bins;
    if (n_values > sample_values_limit) {
        throw std::invalid_argument("packed recipe: the values of a sample's views must be <= 2**25");
    }
    in.expect_numbers(static_cast<std::size_t>(n_views));
    d.views.resize(static_cast<std::size_t>(n_views));
    for (ViewAngle& view : d.views) {
        const double angle = in.within("a view's angle", -angle_limit, angle_limit);
        const SinCosDouble turn = sincos_double(angle);
        view = {static_cast<float>(angle), static_cast<float>(turn.sin), static_cast<float>(turn.cos)};
        use(turn);
    }
    d.n_noise_groups = static_cast<int>((n_values + normals_per_group - 1) / normals_per_group);
}

CameraPlan read_camera(PackedReader& in, int n_pixels, DetectorPlan& d) {
    CameraPlan c{};
    c.n_pixels = n_pixels;
    if (in.number() != camera_version) {
        throw std::invalid_argument("packed recipe: its camera is of another version; this build makes version " +
                                    std::to_string(camera_version));
    }
    c.pixels_per_length = n_pixels / in.within("field_of_view", smallest_field_of_view, largest_float);
    c.samples_per_side = in.integer("samples_per_side", 0, 64);
    c.projected = in.integer("projected", 0, 1) != 0;
    d.n_bins = c.n_rows() * n_pixels;
    // A bin of a projected image is a column of it.
    d.bins_per_length = static_cast<float>(c.pixels_per_length);
    d.lower = static_cast<float>(0.5 * (1 - n_pixels) / c.pixels_per_length);
    d.sampling = Sampling::bin;
    d.background = in.real();
    d.blur_weights = gaussian_weights(in.within("blur_sigma_px", 0.0, blur_sigma_limit));
    c.noise = static_cast<NoiseKind>(in.integer("noise kind", 0, 3));
    c.noise_level = in.positive_number("noise_level");
    c.counting = counting_of(in.integer("counting", 0, 1) != 0, c.noise_level);
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
    const double lower = in.within("lower", -largest_float, largest_float);
    const double upper = in.within("upper", -largest_float, largest_float);
    d.lower = static_cast<float>(lower);
    // np.linspace(lower, upper, 1) is the one ray at lower; its bin is as wide as the detector.
    d.bins_per_length = static_cast<float>(std::max(d.n_bins - 1, 1) / (upper - lower));
    if (!(d.bins_per_length > 0.0F) || !std::isfinite(d.bins_per_length)) {
        throw std::invalid_argument("packed recipe: upper must be > lower");
    }
    d.shift_std = in.not_negative("shift_std");
    d.about_x = in.real();
    d.about_y = in.real();
    d.background = in.real();
    d.blur_weights = gaussian_weights(in.within("blur_sigma_px", 0.0, blur_sigma_limit));
    d.noise = in.not_negative("noise");
    const double dose = in.within("dose", -largest_float, largest_float);
    d.dose = std::fabs(dose);
    d.counting = counting_of(dose < 0.0, d.dose);
    d.sampling = static_cast<Sampling>(in.integer("sampling", 0, 1));
    d.centring = in.integer("centring", 0, 1) != 0;
    d.least_mass = least_mass(d);
    read_normalisation(in, d);
    d.angle_std_rad = static_cast<float>(in.within("angle_std_rad", 0.0, static_cast<double>(angle_std_limit)));
    read_views(in, d, [](const SinCosDouble&) {});
    return d;
}

}  // namespace

std::unique_ptr<const Plan> unpack_plan(std::string_view packed, const Stop& stop) {
    PackedReader in(packed);
    const double version = in.number();
    if (version != stream_version) {
        throw std::invalid_argument("packed recipe is of another stream version. Received: " + std::to_string(version) +
                                    ", this build makes version " + std::to_string(stream_version));
    }
    auto plan = std::make_unique<Plan>();
    const int n_bins = in.integer("n_bins", -n_pixels_limit, n_bins_limit);
    if (n_bins == 0) {
        throw std::invalid_argument("packed recipe: n_bins must not be 0");
    }
    if (n_bins < 0) {
        plan->camera = read_camera(in, -n_bins, plan->detector);
    } else {
        plan->detector = read_detector(in, n_bins);
    }
    const auto n_classes = static_cast<std::size_t>(in.integer("n_classes", 1, n_classes_limit));
    in.expect_numbers(n_classes * 10);  // a weight and nine numbers at least
    std::vector<double> weights(n_classes);
    for (double& weight : weights) {
        weight = in.number();
    }
    plan->schedule = class_schedule(weights);
    plan->classes.reserve(n_classes);
    ParticleReader reader(in, *plan);
    for (std::size_t i = 0; i < n_classes; ++i) {
        if (stop.wanted()) {
            throw Stopped();
        }
        reader.read();
    }
    in.expect_end();
    if (plan->camera && plan->max_ring_corners > camera_corner_limit) {
        throw std::invalid_argument("packed recipe: a camera's rings must have <= " + std::to_string(camera_corner_limit) +
                                    " corners");
    }
    return plan;
}

}  // namespace nanotilt
