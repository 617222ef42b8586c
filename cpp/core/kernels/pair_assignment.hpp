// Soft assignment of observed rows to templates, and the spreading of line sums over an image: inner loops of projection matching.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../base/stop.hpp"
#include "../inference/pair_assignment.hpp"
#include "../tomography/tomography_kernels.hpp"
#include "template_sums.hpp"

namespace nanotilt {

/// The adjoint of sum_lines. A row takes sum j - column with the weight of the left neighbour, and the sum before it with the
/// weight of the right one, so that all pixels of a row share two weights.
static inline void spread_sums(const float* sums, std::ptrdiff_t n_sums, double start, double step, const WritableRows& rows) {
    for (std::ptrdiff_t r = 0; r < rows.n_rows; ++r) {
        const double at = start + static_cast<double>(r) * step;
        const double whole = std::floor(at);
        const auto column = static_cast<std::ptrdiff_t>(whole);
        const std::ptrdiff_t first = column < -1 ? -1 - column : 0;
        const std::ptrdiff_t last = rows.n_columns - column < n_sums ? rows.n_columns - column : n_sums;
        const auto right = static_cast<float>(at - whole);
        const float left = 1.0F - right;
        // Two passes, because in one each pixel would wait for the sum that its neighbour has just stored.
        float* out = rows.values + r * rows.stride + column;
        for (std::ptrdiff_t i = first; i < last; ++i) {
            out[i] += left * sums[i];
        }
        for (std::ptrdiff_t i = first; i < last; ++i) {
            out[i + 1] += right * sums[i];
        }
    }
}

/// Squared distances of rows_at_once rows or fewer from all templates, less the rows' own norms.
static inline void distances_from(const TemplatePanels& panels, const float* const* rows, std::ptrdiff_t count, float* out) {
    const std::ptrdiff_t n = panels.n_panels * templates_per_panel;
    for (std::ptrdiff_t at = 0; at < n; at += tile_width) {
        const std::ptrdiff_t panel = at / templates_per_panel;
        Lanes product[rows_at_once][vectors_at_once];
        multiply_tile(rows, panels.values + panel * templates_per_panel * panels.n_values + at % templates_per_panel,
                      panels.n_values, product);
        for (std::ptrdiff_t r = 0; r < count; ++r) {
            for (int k = 0; k < vectors_at_once; ++k) {
                const Lanes norms = load_lanes(panels.squared_norms + at + k * tile_lanes);
                store_lanes(out + r * n + at + k * tile_lanes, multiply_add(product[r][k], Lanes{} - 2.0F, norms));
            }
        }
    }
}

static inline std::int32_t position_of_smallest(const float* values, std::ptrdiff_t n) {
    std::ptrdiff_t best = 0;
    for (std::ptrdiff_t i = 1; i < n; ++i) {
        best = values[i] < values[best] ? i : best;
    }
    return static_cast<std::int32_t>(best);
}

/// Distances become weights, which sum to 1. n: a multiple of tile_lanes.
static inline void weigh(float* distances, std::ptrdiff_t n, float smallest, float narrowness) {
    Lanes total{};
    for (std::ptrdiff_t k = 0; k < n; k += tile_lanes) {
        const Lanes weight = exp_lanes((load_lanes(distances + k) - smallest) * -narrowness);
        store_lanes(distances + k, weight);
        total += weight;
    }
    float lanes[tile_lanes];
    std::memcpy(lanes, &total, sizeof lanes);
    float sum = 0.0F;
    for (const float lane : lanes) {
        sum += lane;
    }
    for (std::ptrdiff_t k = 0; k < n; ++k) {
        distances[k] /= sum;
    }
}

/// Adds one row to the sums of all templates that it has a share in.
static inline void add_shares(const float* weights, const float* row, std::ptrdiff_t n_values, const AssignmentSums& sums) {
    constexpr float negligible = 1e-5F;  // 400 templates of this weight are 0.4 % of a row
    for (std::ptrdiff_t k = 0; k < sums.n_templates; ++k) {
        const float weight = weights[k];
        if (weight > negligible) {
            sums.weights[k] += weight;
            float* out = sums.weighted + k * n_values;
            for (std::ptrdiff_t v = 0; v < n_values; ++v) {
                out[v] += weight * row[v];
            }
        }
    }
}

static inline void assign_rows(const TemplatePanels& panels, const AssignedRows& rows, const AssignmentSums& sums, float* scratch,
                               const Stop& stop) {
    StopPoints points(stop);
    const std::ptrdiff_t n = panels.n_panels * templates_per_panel;
    for (std::ptrdiff_t begin = 0; begin < rows.n_rows && !points.stop_after(n * panels.n_values); begin += rows_at_once) {
        const std::ptrdiff_t count = rows.n_rows - begin < rows_at_once ? rows.n_rows - begin : rows_at_once;
        const float* row[rows_at_once];
        for (std::ptrdiff_t r = 0; r < rows_at_once; ++r) {
            row[r] = rows.values + (begin + (r < count ? r : 0)) * panels.n_values;
        }
        distances_from(panels, row, count, scratch);
        for (std::ptrdiff_t r = 0; r < count; ++r) {
            float* distances = scratch + r * n;
            const std::int32_t best = position_of_smallest(distances, sums.n_templates);
            const float smallest = distances[best];
            sums.nearest[begin + r] = best;
            sums.smallest[begin + r] = smallest + rows.squared_norms[begin + r];
            weigh(distances, n, smallest, rows.narrowness);
            add_shares(distances, row[r], panels.n_values, sums);
        }
    }
}

static inline float squared_distance(const float* a, const float* b, std::ptrdiff_t n) {
    Lanes total{};
    std::ptrdiff_t i = 0;
    for (; i + tile_lanes <= n; i += tile_lanes) {
        const Lanes difference = load_lanes(a + i) - load_lanes(b + i);
        total = multiply_add(difference, difference, total);
    }
    float lanes[tile_lanes];
    std::memcpy(lanes, &total, sizeof lanes);
    float sum = 0.0F;
    for (const float lane : lanes) {
        sum += lane;
    }
    for (; i < n; ++i) {
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return sum;
}

}  // namespace nanotilt
