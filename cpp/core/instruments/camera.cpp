#include "camera.hpp"

#include <limits>

#include "../program/recipe_limits.hpp"
#include "../wire/fields.hpp"

namespace nanotilt {

CameraPlan read_camera(wire::Fields& instrument, DetectorPlan& d) {
    constexpr double largest_float = static_cast<double>(std::numeric_limits<float>::max());
    CameraPlan c{};
    c.n_pixels = instrument.integer("n_pixels", 1, n_pixels_limit);
    c.pixels_per_length = c.n_pixels / instrument.within("field_of_view", smallest_field_of_view, largest_float);
    c.samples_per_side = instrument.integer("samples_per_side", 0, 64);
    c.projected = instrument.boolean("projected");
    d.n_bins = c.n_rows() * c.n_pixels;
    // A bin of a projected image is a column of it.
    d.bins_per_length = static_cast<float>(c.pixels_per_length);
    d.lower = static_cast<float>(0.5 * (1 - c.n_pixels) / c.pixels_per_length);
    d.sampling = Sampling::bin;
    read_background_and_blur(instrument, d);
    c.noise_kind = static_cast<NoiseKind>(instrument.choice("noise", {"none", "uniform", "gaussian", "poisson"}));
    c.noise_level = instrument.positive_number("noise_level");
    c.counting = read_counting(instrument, c.noise_level);
    c.remove_background = instrument.boolean("remove_background");
    c.rolls_to_middle = instrument.boolean("centring");
    c.turns = read_views(instrument, d);
    if (c.noise_kind != NoiseKind::uniform && c.noise_kind != NoiseKind::gaussian) {
        d.n_noise_groups = 0;
    }
    return c;
}

}  // namespace nanotilt
