// Scratch memory of one projection of rings.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../base/arena.hpp"
#include "../base/layout.hpp"
#include "even_odd.hpp"

namespace nanotilt {

/// Arrays that edges are added up in, in turn: neighbouring edges tend to meet the same ray first, and with one array each addition
/// would wait for the last one's store. 288 edges take 0.28 us with one array, 0.19 us with two, 0.15 us with four.
inline constexpr int n_accumulators = 4;

/// Floats of all these arrays, which hold pairs (kernels/edge_sums.hpp): a pair more than there are bins, for edges beyond the last
/// one; the rest fills up vectors.
static constexpr int edge_sums_floats(int n_bins) {
    return n_accumulators * padded(2 * n_bins + 2);
}

struct ProjectionScratch {
    float* u;                  // n_points + lane_count: coordinates along the detector in bins
    float* y;                  // n_points + lane_count
    float* values;             // 2 * n_points: at the first ray or bin met, and at the next
    std::int32_t* first;       // n_points: the first ray or bin met
    float* span;               // n_points: how many are met
    std::int32_t* long_edges;  // n_points + lane_count: those that meet more than two
    float* sums;               // edge_sums_floats(n_bins), zero between views
    float* marked;             // n_bins: thickness of rings that may cross themselves
    EvenOddScratch even_odd;
};

/// For n_points ring points on n_bins; rings that may cross themselves have up to n_marked corners.
ProjectionScratch take_projection_scratch(Arena& arena, int n_points, int n_marked, int n_bins);

}  // namespace nanotilt
