// Images of atoms: what a dark field, a scanning probe, and a bright field, of a wide beam, see of a crystal.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "../scenes/lattices/lattice.hpp"
#include "chain.hpp"

namespace nanotilt {

inline constexpr int probe_terms_limit = 4;
inline constexpr int least_patch_pixels = 16;
inline constexpr int patch_pixels_limit = 1024;
inline constexpr int crystal_waves_limit = 2048;

/// A probe is a sum of Gaussians, each of a share and of a width that is uniform between two, in angstrom. A wave that the probe
/// leaves less than this of is not drawn: all that are left out together have below 5e-4 of the mean.
inline constexpr float least_transfer = 2e-5F;

/// A bright field: phases of a thin object, turned into contrast by the objective lens. Lengths are in angstrom.
struct BrightPlan {
    bool second_order;
    double wavelength;
    double phase_of_potential;  // radians for a volt angstrom
    // f_e(q) = sum of a (2 + b q^2) / (1 + b q^2)^2 (Lobato and Van Dyck 2014), as potentials in volt angstrom^2.
    std::array<std::array<double, 5>, n_elements> a;
    std::array<std::array<double, 5>, n_elements> b;
    std::array<double, 2> defocus;  // > 0: underfocus
    std::array<double, 2> spherical;
    std::array<double, 2> focal_spread;
    std::array<double, 2> convergence;  // 1 / e half-angle of the illumination, in radians
    double vibration;
    double camera_sigma;  // of the camera's own blur
    double furthest;      // spatial frequency that anything is drawn up to, in 1 / angstrom

    // What defects change is drawn in a square of `window` pixels about each, from the modes of a period of `period` pixels: waves
    // of
    // +-a / period turns per pixel across and b / period up, a and b >= 0. Of each b there are a = 0 ... reach[b], in whole
    // vectors.
    int window;
    int period;
    std::vector<int> reach;
    std::vector<int> first_mode;    // of each b; one more at the end
    std::vector<float> frequency2;  // of each mode, squared, in 1 / angstrom^2
    // Of each mode, times how many of the four waves +-a, +-b it stands for, over four; 0 beyond a row's reach.
    std::array<std::vector<float>, n_elements> potential;
    std::vector<float> cosine;  // of 2 pi a i / period: row a, column i of a window
    std::vector<float> sine;

    [[nodiscard]] int n_modes() const { return first_mode.back(); }
    [[nodiscard]] int most_across() const { return first_mode[1]; }

    /// Potential of an atom that vibrates at a spatial frequency, seen by the camera.
    [[nodiscard]] double potential_at(int element, double frequency2) const;
};

/// What an image of atoms has beside normalisation, which is in DetectorPlan. Lengths are in angstrom unless they say otherwise.
struct AtomPlan {
    int n_pixels;
    double pixel;
    std::array<double, n_elements> weights;  // what an atom scatters, over carbon
    int n_terms;
    std::array<std::array<double, 2>, probe_terms_limit> sigma;
    std::array<double, probe_terms_limit> share;  // they sum to 1
    std::array<double, 2> background;             // over the crystal's mean
    std::array<double, 2> counts;  // electrons for each carbon atom, of a bright field for a square angstrom; (0, 0): no counting
    double log_counts;             // of most over least
    Counting counting;
    double jitter_px;
    double drift_px;
    double flyback_px;
    double flyback_columns;
    float readout_noise;               // electrons
    float saturation;                  // electrons; 0: none
    std::optional<BrightPlan> bright;  // instead of a probe that scans
    double furthest;                   // spatial frequency that it lets through, in 1 / angstrom
    bool standardised;                 // each view by itself: 2 sqrt(n + 3/8), less its mean, over its spread

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

/// The same of the kind "bright_field".
AtomPlan read_bright_field(wire::Fields& instrument, DetectorPlan& d);

/// Half of the waves of a crystal that the instrument lets through, (h, k) and not (-h, -k), by their length. Throws
/// std::invalid_argument where there are more than crystal_waves_limit.
std::vector<std::array<int, 2>> crystal_waves(const LatticePlan& lattice, const AtomPlan& atoms);

}  // namespace nanotilt
