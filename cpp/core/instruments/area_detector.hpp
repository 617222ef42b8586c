// A square of pixels behind a sample in an x-ray beam, which counts photons.
#pragma once

#include <cstddef>
#include <vector>

#include "../polar/polar_cells.hpp"
#include "chain.hpp"

namespace nanotilt {

class CellDisc;

/// Entries of tables over the radius for each pixel.
inline constexpr int table_steps = 8;

/// Entries before the first, of negative radii, which averages over a pixel ask for.
inline constexpr int table_margin = 16;

/// Entries of tables over the direction, a quarter turn each four of them.
inline constexpr int spot_entries = 1024;

/// Radial functions, and orders 0, 2, ... 20, of the target "coefficients" (Lashley et al. 2017).
inline constexpr int n_disc_functions = 40;
inline constexpr int n_disc_orders = 11;

/// The disc of these, of 128 rings and 64 cells in half a turn: 3.2 rings and 6.4 cells for the fastest function's wave. Made when
/// it is first asked for.
const CellDisc& scattering_disc();

struct AreaPlan {
    int n_pixels;
    double pixels_per_length;  // of 75 um
    double k;                  // 2 pi / wavelength, in 1 / angstrom
    double tangent;            // pixel over distance
    double counts;             // of a pixel, for one of a pixel of 75 um
    double noise;              // standard deviation of a pixel's background, for one of a pixel of 75 um
    Counting counting;
    PolarGrid cells;  // of the target "polar", in pixels
    bool logarithm;   // views are log(1 + counts) / log(65536)
    // Made of these.
    int n_table;                  // entries over the radius, less margins
    std::vector<float> q;         // at steps of 1 / table_steps of a pixel, margins before and behind
    std::vector<float> spot_cos;  // of each entry's direction
    std::vector<float> spot_sin;
    PolarGrid disc;  // of the target "coefficients"

    [[nodiscard]] double q_of(double radius) const;
    /// In pixels; very far where nothing is scattered so far.
    [[nodiscard]] double radius_of(double at) const;
};

/// Reads an instrument of the kind "area_detector", less its kind and version; what all instruments have goes to `d`. Throws
/// std::invalid_argument.
AreaPlan read_area_detector(wire::Fields& instrument, DetectorPlan& d);

}  // namespace nanotilt
