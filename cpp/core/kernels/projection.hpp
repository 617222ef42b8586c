// Projection of rings onto rays or bins.
//
// For a ring that does not cross itself the even-odd rule needs no sorting: thickness at a ray is the sum of the heights at which
// edges cross it, counted + for edges running towards larger x and - for the others (clockwise rings; Green's theorem). So each
// edge can be treated alone: a vector pass turns it into (first ray, value there, value at the next), a scalar pass adds these up,
// and a rare loop serves edges that meet more than two rays.
#pragma once

#include <cmath>
#include <cstring>

#include "../base/elementary.hpp"
#include "../base/stop.hpp"
#include "../geometry/even_odd.hpp"
#include "../geometry/projection_scratch.hpp"
#include "../geometry/rings.hpp"
#include "edge_sums.hpp"
#include "selection.hpp"

namespace nanotilt {

static inline float clamped(float value, float low, float high) {
    const float raised = value > low ? value : low;
    return raised < high ? raised : high;
}

static inline float magnitude(float value) {
    return float_from_bits(bits_from_float(value) & 0x7FFFFFFF);
}

static inline float with_sign_flipped_by(float value, float sign) {
    return float_from_bits(bits_from_float(value) ^ (bits_from_float(sign) & static_cast<std::int32_t>(0x80000000)));
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
    const float zero = limit * 0.0F;  // GCC takes two instructions for the larger of a value and a literal 0
    const float* __restrict u = s.u;
    const float* __restrict y = s.y;
    float* __restrict values = s.values;
    std::int32_t* __restrict first = s.first;
    float* __restrict span = s.span;
    for (int i = 0; i < n_points; ++i) {
        const float ua = u[i];
        const float ub = u[i + 1];
        const float ka = std::ceil(clamped(ua, zero, limit));
        const float kb = std::ceil(clamped(ub, zero, limit));
        const float k = ka < kb ? ka : kb;
        const float n = magnitude(kb - ka);
        const float signed_weight = with_sign_flipped_by(weight[i], kb - ka);
        const float slope = (y[i + 1] - y[i]) / (ub - ua);  // not finite only where n is 0
        const float at_first = y[i] + (k - ua) * slope;
        values[2 * i] = zero_unless(n > 0.0F, signed_weight * at_first);
        values[2 * i + 1] = zero_unless(n > 1.0F, signed_weight * (at_first + slope));
        first[i] = static_cast<std::int32_t>(k);
        span[i] = n;
    }
}

/// Edges against bins [k - 1/2, k + 1/2]: what the strip between edge and axis contributes to the mean thickness of each.
static inline void bins_met(const float* __restrict weight, int n_points, int n_bins, const ProjectionScratch& s) {
    const float limit = static_cast<float>(n_bins);
    const float* __restrict u = s.u;
    const float* __restrict y = s.y;
    float* __restrict values = s.values;
    std::int32_t* __restrict first = s.first;
    float* __restrict span = s.span;
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
        const float signed_weight = with_sign_flipped_by(weight[i], ub - ua);
        const float slope = (y[i + 1] - y[i]) / (ub - ua);
        const float edge1 = static_cast<float>(k + 1);
        const float edge2 = static_cast<float>(k + 2);
        const float end1 = high < edge1 ? high : edge1;
        const float end2 = high < edge2 ? high : edge2;
        const float middle1 = y[i] + (0.5F * (low + end1) - ua) * slope;
        const float middle2 = y[i] + (0.5F * (edge1 + end2) - ua) * slope;
        values[2 * i] = zero_unless(n > 0, signed_weight * (end1 - low) * middle1);
        values[2 * i + 1] = zero_unless(n > 1, signed_weight * (end2 - edge1) * middle2);
        first[i] = k;
        span[i] = static_cast<float>(n);
    }
}

/// Long edges that are added up before it is asked whether to stop: each may meet all bins, up to 2^20.
inline constexpr std::int32_t edges_between_stops = 64;

/// The third ray of each edge listed and all further ones. Up to the sixth without a branch, because random lengths cannot be
/// predicted: at 64 bins seven edges of a chirality view meet a third ray, and hardly any a seventh.
static inline void add_long_ray_edges(const ProjectionScratch& s, const float* weight, std::int32_t n_long, int n_bins,
                                      EdgeSums& sums, StopPoints& points) {
    std::int32_t n_longer = 0;
    const auto line = [&](std::int32_t edge) {
        const float ua = s.u[edge];
        const float slope = (s.y[edge + 1] - s.y[edge]) / (s.u[edge + 1] - ua);
        const float at_first = s.y[edge] + (static_cast<float>(s.first[edge]) - ua) * slope;
        const float sign = with_sign_flipped_by(weight[edge], s.u[edge + 1] - ua);
        return [=](float k) { return sign * (at_first + k * slope); };
    };
    for (std::int32_t i = 0; i < n_long; ++i) {
        const std::int32_t edge = s.long_edges[i];
        const float span = s.span[edge];
        const auto value = line(edge);
        sums.add(s.first[edge] + 2, value(2.0F), zero_unless(span > 3.0F, value(3.0F)));
        // Without a fifth ray nothing is added, anywhere: there may be no slot left.
        const int beyond = (s.first[edge] + 4) & -static_cast<int>(span > 4.0F);
        sums.add(beyond, zero_unless(span > 4.0F, value(4.0F)), zero_unless(span > 5.0F, value(5.0F)));
        s.long_edges[n_longer] = edge;
        n_longer += static_cast<std::int32_t>(span > 6.0F);
    }
    for (std::int32_t i = 0; i < n_longer; ++i) {
        const std::int32_t edge = s.long_edges[i];
        const auto value = line(edge);
        const int n = static_cast<int>(s.span[edge]);
        for (int k = 6; k < n; ++k) {
            sums.add(s.first[edge] + k, value(static_cast<float>(k)), 0.0F);
        }
        if (i % edges_between_stops == edges_between_stops - 1 && points.stop_after(edges_between_stops * n_bins)) {
            return;
        }
    }
}

/// The third bin of each edge listed and all further ones.
static inline void add_long_bin_edges(const ProjectionScratch& s, const float* weight, std::int32_t n_long, int n_bins,
                                      EdgeSums& sums, StopPoints& points) {
    for (std::int32_t i = 0; i < n_long; ++i) {
        const std::int32_t edge = s.long_edges[i];
        const float ua = s.u[edge] + 0.5F;
        const float ub = s.u[edge + 1] + 0.5F;
        const float sign = with_sign_flipped_by(weight[edge], ub - ua);
        const float slope = (s.y[edge + 1] - s.y[edge]) / (ub - ua);
        const float high = ua < ub ? ub : ua;
        const int end = s.first[edge] + static_cast<int>(s.span[edge]);
        for (int k = s.first[edge] + 2; k < end; ++k) {
            const float begin = static_cast<float>(k);
            const float finish = high < begin + 1.0F ? high : begin + 1.0F;
            sums.add(k, sign * (finish - begin) * (s.y[edge] + (0.5F * (begin + finish) - ua) * slope), 0.0F);
        }
        if (i % edges_between_stops == edges_between_stops - 1 && points.stop_after(edges_between_stops * n_bins)) {
            return;
        }
    }
}

/// First half of a view's projection: each edge by itself. u, y, values, first and span are then known.
static inline void meet_edges(const RingSet& rings, const ViewGeometry& view, const ProjectionScratch& s) {
    turn_points(rings, view, s.u, s.y);
    if (view.sampling == Sampling::ray) {
        rays_met(rings.weight, rings.n_points, view.n_bins, s);
    } else {
        bins_met(rings.weight, rings.n_points, view.n_bins, s);
    }
}

/// Second half: the edges added up. Afterwards only s.sums and, if this returns true, s.marked are needed.
static inline bool add_edges(const RingSet& rings, const ViewGeometry& view, const ProjectionScratch& s, StopPoints& points) {
    EdgeSums sums(s.sums, view.n_bins);
    sums.add_pairs(s.first, s.values, rings.n_points);
    const std::int32_t n_long = indices_above(s.span, rings.n_points, 2.0F, s.long_edges);
    if (view.sampling == Sampling::ray) {
        add_long_ray_edges(s, rings.weight, n_long, view.n_bins, sums, points);
    } else {
        add_long_bin_edges(s, rings.weight, n_long, view.n_bins, sums, points);
    }
    bool any_marked = false;
    for (int r = 0; r < rings.n_rings; ++r) {
        const RingSpan& span = rings.spans[r];
        if (span.simple) {
            continue;
        }
        if (!any_marked) {
            std::memset(s.marked, 0, static_cast<std::size_t>(view.n_bins) * sizeof(float));
            any_marked = true;
        }
        const auto add = view.sampling == Sampling::ray ? add_even_odd_rays : add_even_odd_bins;
        add(s.u + span.begin, s.y + span.begin, span.n, span.density, view.n_bins, s.marked, s.even_odd, points);
    }
    return any_marked;
}

/// Background plus thickness of all rings: n_bins values.
static inline void write_thickness(int n_bins, bool any_marked, const ProjectionScratch& s, float background,
                                   float* __restrict out) {
    EdgeSums(s.sums, n_bins).take(background, out);
    if (any_marked) {
        for (int k = 0; k < n_bins; ++k) {
            out[k] += s.marked[k];
        }
    }
}

}  // namespace nanotilt
