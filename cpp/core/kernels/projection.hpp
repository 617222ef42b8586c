// Projection of rings onto rays or bins.
//
// For a ring that does not cross itself the even-odd rule needs no sorting: thickness at a ray is the sum of the heights at which
// edges cross it, counted + for edges running towards larger x and - for the others (clockwise rings; Green's theorem). So each
// edge can be treated alone: a vector pass turns it into (first ray, value there, value at the next), a scalar pass adds these, and
// a rare loop serves edges that meet more than two rays.
#pragma once

#include "../dispatch.hpp"
#include "../elementary.hpp"
#include "../even_odd.hpp"
#include "selection.hpp"

namespace nanotilt {

/// Parts of one view's scratch memory.
struct ProjectionScratch {
    float* u;                  // n_points + lane_count: coordinates along the detector in bins
    float* y;                  // n_points + lane_count
    float* first_value;        // n_points
    float* second_value;       // n_points
    std::int32_t* first;       // n_points
    std::int32_t* span;        // n_points: rays or bins met
    std::int32_t* long_edges;  // n_points + lane_count: those that meet more than one, later more than two
    float* sums;               // n_accumulators times n_bins + 2, padded
    double* even_odd;          // even_odd_scratch_doubles
};

static inline ProjectionScratch carve_projection_scratch(float* memory, int n_points, int n_bins) {
    const int points = n_points + lane_count;
    const int bins = padded(n_bins + 2);
    ProjectionScratch s{};
    s.u = memory;
    s.y = s.u + points;
    s.first_value = s.y + points;
    s.second_value = s.first_value + points;
    s.first = reinterpret_cast<std::int32_t*>(s.second_value + points);
    s.span = s.first + points;
    s.long_edges = s.span + points;
    s.sums = reinterpret_cast<float*>(s.long_edges + points);
    s.even_odd = reinterpret_cast<double*>(s.sums + n_accumulators * bins);
    return s;
}

static inline float clamped(float value, float low, float high) {
    const float raised = value > low ? value : low;
    return raised < high ? raised : high;
}

/// The value, or 0, by masking bits: GCC turns many conditional expressions into branches, which no SIMD unit takes (six times
/// slower at x86-64-v2), and a multiplication by 0 would keep the NaN of an edge without length. For the same reason comparisons
/// are added up as integers in this file.
static inline float zero_unless(bool keep, float value) {
    return float_from_bits(bits_from_float(value) & -static_cast<std::int32_t>(keep));
}

static inline float negative_if(bool negate, float value) {
    return float_from_bits(bits_from_float(value) ^ static_cast<std::int32_t>(std::uint32_t{negate} << 31));
}

/// Turns all points by the view's angle and measures x in bins: (x, y) -> (x cos a + y sin a, y cos a - x sin a) about a point.
static inline void turn_points(const RingSet& rings, const ViewGeometry& view, float* __restrict u, float* __restrict y) {
    const float scale = view.bins_per_length;
    const float ux = view.cos * scale;
    const float uy = view.sin * scale;
    const float origin = (view.about_x - view.lower) * scale;
    const float* __restrict px = rings.x;
    const float* __restrict py = rings.y;
    const int n = rings.n_points + lane_count;
    for (int i = 0; i < n; ++i) {
        const float dx = px[i] - view.about_x;
        const float dy = py[i] - view.about_y;
        u[i] = (dx * ux + dy * uy) + origin;
        y[i] = dy * view.cos - dx * view.sin;
    }
}

/// Edges against rays at u = 0, 1, ... n_bins - 1. A ray is met when it lies in the half-open interval between an edge's ends.
static inline void rays_met(const float* __restrict weight, int n_points, int n_bins, const ProjectionScratch& s) {
    const float limit = static_cast<float>(n_bins);
    const float* __restrict u = s.u;
    const float* __restrict y = s.y;
    float* __restrict first_value = s.first_value;
    float* __restrict second_value = s.second_value;
    std::int32_t* __restrict first = s.first;
    std::int32_t* __restrict span = s.span;
    for (int i = 0; i < n_points; ++i) {
        const float ua = u[i];
        const float ub = u[i + 1];
        const float a = clamped(ua, 0.0F, limit);
        const float b = clamped(ub, 0.0F, limit);
        std::int32_t ka = static_cast<std::int32_t>(a);
        std::int32_t kb = static_cast<std::int32_t>(b);
        ka += static_cast<std::int32_t>(a > static_cast<float>(ka));  // ceil
        kb += static_cast<std::int32_t>(b > static_cast<float>(kb));
        const std::int32_t k = ka < kb ? ka : kb;
        const std::int32_t n = ka < kb ? kb - ka : ka - kb;
        const float signed_weight = negative_if(ka > kb, weight[i]);
        const float slope = (y[i + 1] - y[i]) / (ub - ua);  // not finite only where n is 0
        const float at_first = y[i] + (static_cast<float>(k) - ua) * slope;
        first_value[i] = zero_unless(n > 0, signed_weight * at_first);
        second_value[i] = zero_unless(n > 1, signed_weight * (at_first + slope));
        first[i] = k;
        span[i] = n;
    }
}

/// Edges against bins [k - 1/2, k + 1/2]: what the strip between edge and axis contributes to the mean thickness of each.
static inline void bins_met(const float* __restrict weight, int n_points, int n_bins, const ProjectionScratch& s) {
    const float limit = static_cast<float>(n_bins);
    const float* __restrict u = s.u;
    const float* __restrict y = s.y;
    float* __restrict first_value = s.first_value;
    float* __restrict second_value = s.second_value;
    std::int32_t* __restrict first = s.first;
    std::int32_t* __restrict span = s.span;
    for (int i = 0; i < n_points; ++i) {
        const float ua = u[i] + 0.5F;
        const float ub = u[i + 1] + 0.5F;
        const float low = clamped(ua < ub ? ua : ub, 0.0F, limit);
        const float high = clamped(ua < ub ? ub : ua, 0.0F, limit);
        std::int32_t k = static_cast<std::int32_t>(low);
        k = k < n_bins ? k : n_bins - 1;
        std::int32_t last = static_cast<std::int32_t>(high);
        last -= static_cast<std::int32_t>(static_cast<float>(last) >= high);  // the bin that `high` closes, not the one it opens
        const std::int32_t n = (last - k + 1) & -static_cast<std::int32_t>(high > low);
        const float signed_weight = negative_if(ua > ub, weight[i]);
        const float slope = (y[i + 1] - y[i]) / (ub - ua);
        const float edge1 = static_cast<float>(k + 1);
        const float edge2 = static_cast<float>(k + 2);
        const float end1 = high < edge1 ? high : edge1;
        const float end2 = high < edge2 ? high : edge2;
        const float middle1 = y[i] + (0.5F * (low + end1) - ua) * slope;
        const float middle2 = y[i] + (0.5F * (edge1 + end2) - ua) * slope;
        first_value[i] = zero_unless(n > 0, signed_weight * (end1 - low) * middle1);
        second_value[i] = zero_unless(n > 1, signed_weight * (end2 - edge1) * middle2);
        first[i] = k;
        span[i] = n;
    }
}

/// The third ray or bin of an edge and all further ones.
static inline void add_long_edge(const ProjectionScratch& s, const float* weight, int i, Sampling sampling, float* sums) {
    const bool bins = sampling == Sampling::bin;
    const float ua = bins ? s.u[i] + 0.5F : s.u[i];
    const float ub = bins ? s.u[i + 1] + 0.5F : s.u[i + 1];
    const float sign = ua < ub ? weight[i] : -weight[i];
    const float slope = (s.y[i + 1] - s.y[i]) / (ub - ua);
    const float high = ua < ub ? ub : ua;
    const int end = s.first[i] + s.span[i];
    for (int k = s.first[i] + 2; k < end; ++k) {
        const float begin = static_cast<float>(k);
        if (!bins) {
            sums[k] += sign * (s.y[i] + (begin - ua) * slope);
            continue;
        }
        const float finish = high < begin + 1.0F ? high : begin + 1.0F;
        sums[k] += sign * (finish - begin) * (s.y[i] + (0.5F * (begin + finish) - ua) * slope);
    }
}

/// Several accumulators take turns, because neighbouring edges tend to meet the same ray: with one, each addition would wait for
/// the last one's store.
static inline void add_edges(const float* weight, int n_points, int n_bins, Sampling sampling, const ProjectionScratch& s) {
    const int bins = padded(n_bins + 2);
    float* __restrict sums = s.sums;
    for (int k = 0; k < n_accumulators * bins; ++k) {
        sums[k] = 0.0F;
    }
    for (int i = 0; i < n_points; i += n_accumulators) {
        for (int j = 0; j < n_accumulators; ++j) {
            sums[j * bins + s.first[i + j]] += s.first_value[i + j];
        }
    }
    // Some 45 among 290 edges of a chirality view meet a second ray, seven a third.
    const std::int32_t n_long = indices_above(s.span, n_points, 1, s.long_edges);
    std::int32_t n_longer = 0;
    for (int i = 0; i < n_long; ++i) {
        const std::int32_t edge = s.long_edges[i];
        sums[(i % n_accumulators) * bins + s.first[edge] + 1] += s.second_value[edge];
        s.long_edges[n_longer] = edge;
        n_longer += static_cast<std::int32_t>(s.span[edge] > 2);
    }
    for (int i = 0; i < n_longer; ++i) {
        add_long_edge(s, weight, s.long_edges[i], sampling, sums);
    }
    for (int j = 1; j < n_accumulators; ++j) {
        for (int k = 0; k < n_bins; ++k) {
            sums[k] += sums[j * bins + k];
        }
    }
}

/// Thickness of all rings; returns a pointer into the scratch memory, n_bins values.
static inline float* project_rings(const RingSet& rings, const ViewGeometry& view, const ProjectionScratch& s) {
    turn_points(rings, view, s.u, s.y);
    if (view.sampling == Sampling::ray) {
        rays_met(rings.weight, rings.n_points, view.n_bins, s);
    } else {
        bins_met(rings.weight, rings.n_points, view.n_bins, s);
    }
    add_edges(rings.weight, rings.n_points, view.n_bins, view.sampling, s);
    for (int r = 0; r < rings.n_rings; ++r) {
        const RingSpan& span = rings.spans[r];
        if (span.simple) {
            continue;
        }
        const auto add = view.sampling == Sampling::ray ? add_even_odd_rays : add_even_odd_bins;
        add(s.u + span.begin, s.y + span.begin, span.n, span.density, view.n_bins, s.sums, s.even_odd);
    }
    return s.sums;
}

}  // namespace nanotilt
