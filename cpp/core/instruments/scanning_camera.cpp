#include "scanning_camera.hpp"

#include <string>

#include "../geometry/blur.hpp"
#include "../program/recipe_limits.hpp"
#include "../wire/fields.hpp"

namespace nanotilt {
namespace {

constexpr double largest_shift = 1000.0;

}  // namespace

ScanPlan read_scanning_camera(wire::Fields& instrument, DetectorPlan& d) {
    ScanPlan c{};
    c.n_pixels = instrument.integer("n_pixels", least_scan_pixels, scan_pixels_limit);
    c.n_frames = instrument.integer("n_frames", 1, frames_limit);
    if (c.frame_values() * c.n_frames > sample_values_limit) {
        wire::refuse(instrument.place("n_frames"), "so few that a video has <= 2^25 pixels", std::to_string(c.n_frames));
    }
    c.pixel_nm = instrument.within("pixel_nm", 1e-6, 1e9);
    c.mode = static_cast<ScanMode>(instrument.choice("mode", {"dark_field", "bright_field", "edges"}));
    c.edge_height = static_cast<float>(instrument.within("edge_height", 0.0, 100.0));
    d.n_bins = static_cast<int>(c.frame_values());
    d.bins_per_length = 1.0F;
    d.sampling = Sampling::bin;
    d.blur_weights = gaussian_weights(instrument.within("blur_sigma_px", 0.0, 100.0));
    d.views.assign(static_cast<std::size_t>(c.n_frames), ViewAngle{0.0F, 0.0F, 1.0F});
    c.jitter = instrument.within("jitter_px", 0.0, largest_shift);
    c.drift = instrument.within("drift_px", 0.0, largest_shift);
    c.mains = instrument.within("mains_px", 0.0, largest_shift);
    c.mains_rows = instrument.within("mains_rows", 1.0, 1e6);
    c.flyback = instrument.within("flyback_px", -largest_shift, largest_shift);
    c.flyback_columns = instrument.within("flyback_columns", 0.1, 1e6);
    c.dose = read_dose(instrument, "dose");
    c.counting = static_cast<Counting>(instrument.choice("counting", {"exact", "fast"}));
    c.readout_noise = static_cast<float>(instrument.within("readout_noise", 0.0, 1e6));
    c.saturation = static_cast<float>(instrument.within("saturation", 0.0, 1e6));
    c.n_levels = instrument.integer("n_levels", 0, 1 << 16);
    if (c.n_levels == 1 || (c.n_levels > 0 && c.saturation == 0.0F)) {
        wire::refuse(instrument.place("n_levels"), "0, or >= 2 with a saturation", std::to_string(c.n_levels));
    }
    c.true_labels = instrument.choice("labels", {"seen", "true"}) == 1;
    c.scan = static_cast<ScanKind>(instrument.choice("scan", {"all", "random", "line_hop", "spiral", "rows"}));
    c.fraction = instrument.within("fraction", 1e-3, 1.0);
    d.n_noise_groups = 0;
    return c;
}

}  // namespace nanotilt
