// Images of given rings: how much of each pixel they cover.
#pragma once

#include <vector>

#include "../base/stop.hpp"
#include "projection.hpp"

namespace nanotilt {

/// A square image about the origin. Rows run downwards from +y, columns from -x to +x.
struct PixelGrid {
    int n_pixels;          // on each side
    double field_of_view;  // length of a side
    double angle_rad;      // rings are turned by it first, as in a projection
    int samples_per_side;  // 0: exact areas; 1: is the pixel's middle inside?; s: mean over s x s points
};

/// Density times covered share of each pixel, summed over rings: out (n_pixels, n_pixels). Each ring follows the even-odd rule,
/// also where it crosses itself. Corners are finite. Throws std::bad_alloc, or std::invalid_argument where a ring crosses itself in
/// more than some 2^24 places.
void rasterise(const std::vector<RingInput>& rings, const PixelGrid& grid, float* out, const Stop& stop = never);

}  // namespace nanotilt
