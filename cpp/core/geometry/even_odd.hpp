// Projection of rings that cross themselves, by the even-odd rule. Scalar code for the rare case: compiled once, for every
// processor, in double.
#pragma once

#include <cstddef>

#include "../base/stop.hpp"

namespace nanotilt {

/// Doubles of scratch that either function needs for rings of up to n corners on n_bins.
std::size_t even_odd_scratch_doubles(int n, int n_bins);

/// Adds density * thickness at rays u = 0, 1, ... n_bins - 1 (Sullivan 2020, section 3.1: sorted hits, alternate differences).
/// u, y: n + 1 points, the last repeating the first. An edge is hit when the ray lies in the half-open interval between its ends.
void add_even_odd_rays(const float* u, const float* y, int n, float density, int n_bins, float* thickness, double* scratch,
                       StopPoints& points);

/// Adds density * mean thickness over [k - 1/2, k + 1/2] for each k: exact, the area between the edges is cut into trapezoids.
void add_even_odd_bins(const float* u, const float* y, int n, float density, int n_bins, float* thickness, double* scratch,
                       StopPoints& points);

}  // namespace nanotilt
