// Kernels of given rings, rows and images.
#pragma once

#include <cstddef>

#include "../base/stop.hpp"
#include "rings.hpp"

namespace nanotilt {

struct ProjectionScratch;

struct GeometryKernels {
    /// Thickness of all rings in one view (n_bins).
    void (*project)(const RingSet& rings, const ViewGeometry& view, float* thickness, const ProjectionScratch& scratch,
                    const Stop& stop);

    /// One blurred row of n; `scratch` holds n + 2 * radius floats.
    void (*blur_row)(const float* in, std::ptrdiff_t n, const float* weights, std::ptrdiff_t radius, float* scratch, float* out,
                     const Stop& stop);

    /// An image less the largest value of its outermost pixels, where no particle is, cut at 0.
    void (*remove_background)(const float* in, std::ptrdiff_t n_rows, std::ptrdiff_t n_columns, float* out, const Stop& stop);

    /// An image rolled by whole pixels so that its centre of mass comes as close to its middle as that can bring it. `scratch`
    /// holds 2 * n_columns.
    void (*roll_to_middle)(const float* in, std::ptrdiff_t n_rows, std::ptrdiff_t n_columns, double* scratch, float* out,
                           const Stop& stop);
};

}  // namespace nanotilt
