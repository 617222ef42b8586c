// Projection of given rings: the bare kernel behind nanotilt.project and nanotilt.sinogram.
#pragma once

#include <cstddef>
#include <vector>

#include "../base/stop.hpp"
#include "rings.hpp"

namespace nanotilt {

/// A given ring: n corners as x0, y0, x1, y1, ..., closed implicitly.
struct RingInput {
    const float* corners;
    int n;
    float density;
};

/// Rays or bins of a projection, and the point that rings are turned about.
struct ProjectionGrid {
    int n_bins;
    double lower;
    double upper;
    double about_x;
    double about_y;
    Sampling sampling;
};

/// Thickness times density, summed over rings, at each angle: out (n_angles, n_bins).
void project(const std::vector<RingInput>& rings, const ProjectionGrid& grid, const double* angles_rad, std::ptrdiff_t n_angles,
             float* out, int n_threads, const Stop& stop = never);

}  // namespace nanotilt
