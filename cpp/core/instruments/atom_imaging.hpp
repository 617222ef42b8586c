// Images of atoms: what a dark field, a scanning probe, and a bright field, of a wide beam, see of a crystal.
#pragma once

#include <array>
#include <vector>

#include "../scenes/lattice.hpp"
#include "chain.hpp"

namespace nanotilt {

inline constexpr int probe_terms_limit = 4;
inline constexpr int least_patch_pixels = 16;
inline constexpr int patch_pixels_limit = 1024;
inline constexpr int crystal_waves_limit = 2048;

/// A probe is a sum of Gaussians, each of a share and of a width that is uniform between two, in angstrom. A wave that the probe
/// leaves less than this of is not drawn: all that are left out together have below 5e-4 of the mean.
inline constexpr float least_transfer = 2e-5F;

/// What an image of atoms has beside normalisation, which is in DetectorPlan. Lengths are in angstrom unless they say otherwise.
struct AtomPlan {
    int n_pixels;
    double pixel;
    std::array<double, n_elements> weights;  // what an atom scatters, over carbon
    int n_terms;
    std::array<std::array<double, 2>, probe_terms_limit> sigma;
    std::array<double, probe_terms_limit> share;  // they sum to 1
    std::array<double, 2> background;             // over the crystal's mean
    std::array<double, 2> counts;                 // electrons for each carbon atom; (0, 0): no counting, one for each
    Counting counting;
    double jitter_px;
    double drift_px;
    double flyback_px;
    double flyback_columns;
    float readout_noise;  // electrons
    float saturation;     // electrons; 0: none
    bool standardised;    // each view by itself: 2 sqrt(n + 3/8), less its mean, over its spread

    [[nodiscard]] bool counted() const { return counts[1] > 0.0; }
    [[nodiscard]] bool straight() const { return jitter_px == 0.0; }
    [[nodiscard]] std::ptrdiff_t n_values() const { return static_cast<std::ptrdiff_t>(n_pixels) * n_pixels; }
    /// Furthest from an atom, in pixels, that the widest of its Gaussians is drawn.
    [[nodiscard]] int widest_half() const;
};

/// Columns to each side of an atom that a Gaussian of so many pixels is drawn in: beyond four standard deviations, less a pixel at
/// most, it has below 2e-3 of its peak; of an atom that moves, what is left out nearly cancels.
int half_window(double sigma_px);

/// Reads an instrument of the kind "dark_field", less its kind and version; what all instruments have goes to `d`. Throws
/// std::invalid_argument.
AtomPlan read_dark_field(wire::Fields& instrument, DetectorPlan& d);

/// Half of the waves of a crystal that a probe lets through, (h, k) and not (-h, -k), by their length. Throws std::invalid_argument
/// where there are more than crystal_waves_limit.
std::vector<std::array<int, 2>> crystal_waves(const LatticePlan& lattice, const AtomPlan& atoms);

}  // namespace nanotilt
