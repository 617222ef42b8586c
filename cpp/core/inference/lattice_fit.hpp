// A perfect lattice and a smooth field fitted to images of atoms, and what they do not explain.
//
// Expected counts are 16 products of cosines (up to three half waves along each side) and nine pairs of waves, those of the three
// shortest lengths of the reciprocal lattice: any motif, any probe. All parts are products of a function of x and one of y, so that
// sums over pixels are products of small matrices.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../base/stop.hpp"

namespace nanotilt {

inline constexpr std::ptrdiff_t lattice_waves = 9;
inline constexpr std::ptrdiff_t lattice_field_terms = 16;
inline constexpr std::ptrdiff_t lattice_linear = lattice_field_terms + 2 * lattice_waves;
inline constexpr std::ptrdiff_t lattice_parameters = lattice_linear + 4;

/// An atom that a defect has (amplitude > 0) or lacks (< 0): its place from a site, in pixels of the perfect lattice, whose first
/// vector lies along x.
struct TemplateAtom {
    double x;
    double y;
    double amplitude;
};

struct LatticeFitPlan {
    std::ptrdiff_t n_rows;
    std::ptrdiff_t n_columns;
    /// Lattice constant, in pixels.
    double constant;
    /// Standard deviation of the matched filter of holes and bumps, in pixels, and how far from the rim they are looked for.
    double blob;
    std::ptrdiff_t margin;
    /// What a defect adds and takes away; none: no score of it.
    const TemplateAtom* atoms;
    std::ptrdiff_t n_atoms;
    /// Standard deviation of an atom's image in the template, and how far from the rim sites lie, in pixels.
    double probe;
    double site_margin;
};

/// What is told of an image, in this order. Lengths are in pixels, places are (column, row).
struct LatticeFigures {
    double rotation_rad;  ///< of the lattice's first vector, in [0, pi / 3)
    double scale;
    double strain_xx;  ///< of the strain without trace, in the image's axes
    double strain_xy;
    double origin_x;  ///< of the hollow nearest to the middle
    double origin_y;
    double chi2;   ///< per degree of freedom
    double power;  ///< of the three Fourier amplitudes that the fit started at, over what noise gives on average
    double hole;
    double hole_x;
    double hole_y;
    double bump;
    double bump_x;
    double bump_y;
    double match;
    double match_x;
    double match_y;
    double match_rad;  ///< how the template is turned, in [0, 2 pi)
};
inline constexpr std::ptrdiff_t lattice_figures = 18;
static_assert(sizeof(LatticeFigures) == lattice_figures * sizeof(double));

/// Fits n_images images of counts, each finite and >= 0. `residuals` (as images): (counts - expected) / sqrt(expected).
/// All figures of an image without counts are NaN, except its scores, which are 0, as its residuals are.
/// Throws std::bad_alloc only.
void fit_lattices(const LatticeFitPlan& plan, const float* images, std::ptrdiff_t n_images, LatticeFigures* figures,
                  float* residuals, int n_threads, const Stop& stop);

}  // namespace nanotilt
