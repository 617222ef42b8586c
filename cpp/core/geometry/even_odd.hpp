// Projection of rings that cross themselves, by the even-odd rule. Scalar code for the rare case: compiled once, for every
// processor, in double.
#pragma once

#include <cstddef>

#include "../base/arena.hpp"
#include "../base/stop.hpp"

namespace nanotilt {

/// What either function works in. Numbers of edges are kept as doubles, too.
struct EvenOddScratch {
    double* places;    // n + n_bins + 4: where rays begin, or slabs
    double* waiting;   // n: edges that are yet to come
    double* active;    // n: edges that are met
    double* at_begin;  // n: their heights
    double* at_end;    // n
    double* cuts;      // n: where they cross each other
};

/// For rings of up to n corners on n_bins.
EvenOddScratch take_even_odd_scratch(Arena& arena, int n, int n_bins);

/// Adds density * thickness at rays u = 0, 1, ... n_bins - 1 (Sullivan 2020, section 3.1: sorted hits, alternate differences).
/// u, y: n + 1 points, the last repeating the first. An edge is hit when the ray lies in the half-open interval between its ends.
void add_even_odd_rays(const float* u, const float* y, int n, float density, int n_bins, float* thickness, const EvenOddScratch& s,
                       StopPoints& points);

/// Adds density * mean thickness over [k - 1/2, k + 1/2] for each k: exact, the area between the edges is cut into trapezoids.
void add_even_odd_bins(const float* u, const float* y, int n, float density, int n_bins, float* thickness, const EvenOddScratch& s,
                       StopPoints& points);

}  // namespace nanotilt
