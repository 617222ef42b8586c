#include "even_odd.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nanotilt {
namespace {

struct Ring {
    const float* u;
    const float* y;
    int n;

    [[nodiscard]] bool crosses(int edge, double at) const {
        const double a = u[edge];
        const double b = u[edge + 1];
        return (a <= at) != (b <= at);
    }
    [[nodiscard]] double y_at(int edge, double at) const {
        const double a = u[edge];
        const double b = u[edge + 1];
        const double ya = y[edge];
        return ya + (at - a) / (b - a) * (static_cast<double>(y[edge + 1]) - ya);
    }
};

double alternate_differences(double* hits, std::ptrdiff_t n) {
    std::sort(hits, hits + n);
    double sum = 0.0;
    for (std::ptrdiff_t i = 0; i + 1 < n; i += 2) {
        sum += hits[i + 1] - hits[i];
    }
    return sum;
}

// Even-odd thickness at one place; `hits` has room for n. Not a number when a hit is not finite (coordinates that overflow):
// sorting needs an order.
double thickness_at(const Ring& ring, double at, double* hits) {
    std::ptrdiff_t n = 0;
    for (int edge = 0; edge < ring.n; ++edge) {
        if (ring.crosses(edge, at)) {
            hits[n] = ring.y_at(edge, at);
            if (!std::isfinite(hits[n++])) {
                return std::numeric_limits<double>::quiet_NaN();
            }
        }
    }
    return alternate_differences(hits, n);
}

// Where two edges that both span [a, b] cross inside it; b when none does. The first crossing found will do: the slab is cut there
// and both halves are looked at again.
double crossing_inside(const Ring& ring, double a, double b) {
    const double middle = 0.5 * (a + b);
    for (int i = 0; i < ring.n; ++i) {
        if (!ring.crosses(i, middle)) {
            continue;
        }
        for (int j = i + 1; j < ring.n; ++j) {
            if (!ring.crosses(j, middle)) {
                continue;
            }
            const double at_a = ring.y_at(i, a) - ring.y_at(j, a);
            const double at_b = ring.y_at(i, b) - ring.y_at(j, b);
            if ((at_a < 0.0 && at_b > 0.0) || (at_a > 0.0 && at_b < 0.0)) {
                const double cut = a + (b - a) * at_a / (at_a - at_b);
                // A cut this close to an end would only chase its own rounding.
                if (cut - a > 1e-9 && b - cut > 1e-9) {
                    return cut;
                }
            }
        }
    }
    return b;
}

// Integral of the thickness over a slab that holds no corner. Between crossings thickness is linear, so its middle value counts.
double slab_area(const Ring& ring, double a, double b, int depth, double* hits) {
    const double cut = depth > 0 ? crossing_inside(ring, a, b) : b;
    if (cut < b) {
        return slab_area(ring, a, cut, depth - 1, hits) + slab_area(ring, cut, b, depth - 1, hits);
    }
    return (b - a) * thickness_at(ring, 0.5 * (a + b), hits);
}

}  // namespace

std::size_t even_odd_scratch_doubles(int n, int n_bins) {
    return static_cast<std::size_t>(2 * n + n_bins + 8);
}

void add_even_odd_rays(const float* u, const float* y, int n, float density, int n_bins, float* thickness, double* scratch) {
    const Ring ring{u, y, n};
    const auto [lowest, highest] = std::minmax_element(u, u + n);
    if (!std::isfinite(*lowest) || !std::isfinite(*highest)) {
        return;
    }
    const auto limit = static_cast<float>(n_bins);
    const int first = static_cast<int>(std::ceil(std::clamp(*lowest, 0.0F, limit)));
    const int last = static_cast<int>(std::ceil(std::clamp(*highest, 0.0F, limit)));
    for (int k = first; k < last; ++k) {
        thickness[k] += density * static_cast<float>(thickness_at(ring, k, scratch));
    }
}

void add_even_odd_bins(const float* u, const float* y, int n, float density, int n_bins, float* thickness, double* scratch) {
    const Ring ring{u, y, n};
    const auto [lowest, highest] = std::minmax_element(u, u + n);
    const double begin = std::max(static_cast<double>(*lowest), -0.5);
    const double end = std::min(static_cast<double>(*highest), n_bins - 0.5);
    if (!(begin < end)) {
        return;
    }
    double* events = scratch;
    double* hits = scratch + n + n_bins + 4;
    std::ptrdiff_t n_events = 0;
    events[n_events++] = begin;
    events[n_events++] = end;
    for (int i = 0; i < n; ++i) {
        if (u[i] > begin && u[i] < end) {
            events[n_events++] = u[i];
        }
    }
    for (double edge = std::floor(begin + 0.5) + 0.5; edge < end; edge += 1.0) {
        events[n_events++] = edge;
    }
    std::sort(events, events + n_events);
    // Two edges cross at most once, so that this depth is reached only by rings built to do so.
    constexpr int deepest = 64;
    for (std::ptrdiff_t i = 0; i + 1 < n_events; ++i) {
        const double a = events[i];
        const double b = events[i + 1];
        if (b > a) {
            const int bin = std::clamp(static_cast<int>(std::floor(0.5 * (a + b) + 0.5)), 0, n_bins - 1);
            thickness[bin] += density * static_cast<float>(slab_area(ring, a, b, deepest, hits));
        }
    }
}

}  // namespace nanotilt
