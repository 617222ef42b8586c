#include "chain.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "../base/layout.hpp"
#include "../geometry/blur.hpp"
#include "../program/recipe_limits.hpp"
#include "../wire/fields.hpp"

namespace nanotilt {

void read_bounds(wire::Fields& recipe, DetectorPlan& d) {
    std::array<double, 2> bounds{};
    recipe.list("bounds", 2, 2).for_each([&](const wire::Value& value, const wire::Place& at) {
        bounds[static_cast<std::size_t>(at.index)] = wire::number_at(value, at);
    });
    d.normalise_offset = static_cast<float>(bounds[0]);
    d.normalise_scale = static_cast<float>(1.0 / (bounds[1] - bounds[0]));
    if (!std::isfinite(d.normalise_offset) || !(d.normalise_scale > 0.0F) || !std::isfinite(d.normalise_scale)) {
        wire::refuse(recipe.place("bounds"), "(low, high) at a distance that float can invert",
                     std::to_string(bounds[0]) + ", " + std::to_string(bounds[1]));
    }
}

std::vector<SinCosDouble> read_views(wire::Fields& instrument, DetectorPlan& d) {
    const wire::List angles = instrument.list("angles_rad", 1, n_views_limit);
    const std::int64_t n_values = static_cast<std::int64_t>(angles.size()) * d.n_bins;
    if (n_values > sample_values_limit) {
        wire::refuse(instrument.place("angles_rad"), "so few that a sample's views have <= 2**25 values", std::to_string(n_values));
    }
    std::vector<SinCosDouble> turns;
    turns.reserve(angles.size());
    d.views.reserve(angles.size());
    angles.for_each([&](const wire::Value& value, const wire::Place& at) {
        const double angle = wire::number_at(value, at);
        if (!(std::fabs(angle) <= angle_limit)) {
            wire::refuse(at, "an angle of 1000 rad at most", wire::words_of(value));
        }
        const SinCosDouble turn = sincos_double(angle);
        d.views.push_back({static_cast<float>(angle), static_cast<float>(turn.sin), static_cast<float>(turn.cos)});
        turns.push_back(turn);
    });
    d.n_noise_groups = static_cast<int>((n_values + normals_per_group - 1) / normals_per_group);
    return turns;
}

std::array<double, 2> read_dose(wire::Fields& instrument, std::string_view name) {
    constexpr double least_dose = 1e-6;
    constexpr double largest_dose = 1e9;
    const auto pair = instrument.pair(name);
    const std::array<double, 2> dose{pair[0], pair[1]};
    const bool none = dose[0] == 0.0 && dose[1] == 0.0;
    if (!none && !(dose[0] >= least_dose && dose[0] <= dose[1] && dose[1] <= largest_dose)) {
        wire::refuse(instrument.place(name), "(least, most) of 1e-6 to 1e9, or 0 and 0",
                     std::to_string(dose[0]) + ", " + std::to_string(dose[1]));
    }
    return dose;
}

Counting read_counting(wire::Fields& instrument, double dose) {
    const bool fast = instrument.choice("counting", {"exact", "fast"}) == 1;
    // Fast counting works in float; doses that float cannot hold well are counted exactly.
    return fast && dose >= static_cast<double>(std::numeric_limits<float>::min()) ? Counting::fast : Counting::exact;
}

void read_background_and_blur(wire::Fields& instrument, DetectorPlan& d) {
    d.background = instrument.real("background");
    d.blur_weights = gaussian_weights(instrument.within("blur_sigma_px", 0.0, blur_sigma_limit));
}

}  // namespace nanotilt
