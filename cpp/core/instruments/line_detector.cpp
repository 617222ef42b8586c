#include "line_detector.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "../program/recipe_limits.hpp"
#include "../wire/fields.hpp"

namespace nanotilt {
namespace {

constexpr double largest_float = static_cast<double>(std::numeric_limits<float>::max());

// Four standard deviations of the sum of n values of noise around the background, and what rounding may add.
double least_mass(const DetectorPlan& d) {
    const double background = std::fabs(static_cast<double>(d.background));
    const double relative = d.relative_noise * background;
    const double counting = d.dose > 0.0 ? background / d.dose : 0.0;
    return 4.0 * std::sqrt(d.n_bins * (relative * relative + counting)) + 1e-6 * d.n_bins * background;
}

}  // namespace

DetectorPlan read_line_detector(wire::Fields& instrument) {
    DetectorPlan d{};
    d.n_bins = instrument.integer("n_bins", 1, n_bins_limit);
    const double lower = instrument.within("lower", -largest_float, largest_float);
    const double upper = instrument.within("upper", -largest_float, largest_float);
    d.lower = static_cast<float>(lower);
    // np.linspace(lower, upper, 1) is the one ray at lower; its bin is as wide as the detector.
    d.bins_per_length = static_cast<float>(std::max(d.n_bins - 1, 1) / (upper - lower));
    if (!(d.bins_per_length > 0.0F) || !std::isfinite(d.bins_per_length)) {
        wire::refuse(instrument.place("upper"), "> lower, at a distance that float can invert", std::to_string(upper));
    }
    d.shift_std = instrument.not_negative("shift_std");
    const std::array<float, 2> about = instrument.pair("about");
    d.about_x = about[0];
    d.about_y = about[1];
    read_background_and_blur(instrument, d);
    d.relative_noise = instrument.not_negative("noise");
    d.dose = instrument.within_or("dose", 0.0, largest_float, 0.0);
    d.counting = read_counting(instrument, d.dose);
    d.sampling = static_cast<Sampling>(instrument.choice("sampling", {"ray", "bin"}));
    d.shifts_to_middle = instrument.boolean("centring");
    d.least_mass = least_mass(d);
    read_views(instrument, d);
    d.angle_std_rad = static_cast<float>(instrument.within("angle_std_rad", 0.0, static_cast<double>(angle_std_limit)));
    return d;
}

}  // namespace nanotilt
