// Rings as kernels read them, and where a view's rays or bins lie.
#pragma once

namespace nanotilt {

/// What a view's values are: thickness at rays, or its means over bins.
enum class Sampling { ray = 0, bin = 1 };

/// One ring inside a RingSet.
struct RingSpan {
    int begin;  // first point
    int n;      // corners; point begin + n repeats the first
    float density;
    bool simple;  // known not to cross itself: thickness follows from signed edges, without sorting
};

/// Rings as arrays of points: each ring's corners, then its first corner again up to the next multiple of lane_count. An edge runs
/// from point i to point i + 1; `weight` is density times orientation for edges of simple rings, 0 for the rest (edges of rings
/// that may cross themselves, which are projected by the even-odd rule; links from ring to ring; padding).
/// x, y and weight have n_points + lane_count elements at least, and n_points is a multiple of lane_count.
struct RingSet {
    float* x;
    float* y;
    float* weight;
    RingSpan* spans;
    int n_rings;
    int n_points;
};

/// Where rays or bins lie, in one view: ray k at u = k, u = x * bins_per_length - ...; turned by (sin, cos) about a point.
struct ViewGeometry {
    float sin;
    float cos;
    float about_x;
    float about_y;
    float lower;  // shift included
    float bins_per_length;
    int n_bins;
    Sampling sampling;
};

}  // namespace nanotilt
