// Images in polar coordinates: the cell of each pixel, and sums over the pixels of thin shells.
//
// Sums over a shell run in lane_count interleaved parts at every SIMD level, which are added up in order: the same bits everywhere.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../base/elementary.hpp"
#include "../base/layout.hpp"
#include "../polar/polar_cells.hpp"
#include "../polar/polar_kernels.hpp"

namespace nanotilt {

/// The angle of (x, y) in turns, in [0, 1]; multiples of an eighth are exact.
static inline double turns_of(double x, double y) {
    constexpr double eighth = 0.41421356237309504880;  // tan(pi / 8)
    const double across = std::fabs(x);
    const double up = std::fabs(y);
    const double low = up < across ? up : across;
    const double high = up < across ? across : up;
    const double ratio = low / (high > 0.0 ? high : 1.0);
    const bool steep = ratio > eighth;
    const double t = (steep ? ratio - 1.0 : ratio) / (steep ? ratio + 1.0 : 1.0);
    const double z = t * t;
    double sum = 0.0;
    for (int i = 41; i >= 1; i -= 2) {  // the series of the arc tangent, |t| <= tan(pi / 8)
        sum = 1.0 / i - z * sum;
    }
    double turns = t * sum * (0.5 / pi) + (steep ? 0.125 : 0.0);
    turns = up > across ? 0.25 - turns : turns;
    turns = x < 0.0 ? 0.5 - turns : turns;
    return y < 0.0 ? 1.0 - turns : turns;
}

static inline std::int32_t angle_cell(const PolarGrid& grid, double turns) {
    const double part = grid.half_turn ? 2.0 * turns - (turns >= 0.5 ? 1.0 : 0.0) : turns;
    const auto n = static_cast<std::int32_t>(grid.n_angles);
    const auto cell = static_cast<std::int32_t>(part * static_cast<double>(n));
    return cell >= n ? cell - n : cell;  // a full turn, by rounding or of an angle just below 0
}

static inline void cells_of_row(const PolarGrid& grid, double x, double y, std::ptrdiff_t n, std::int32_t* cells) {
    const auto n_rings = static_cast<std::int32_t>(grid.n_radii);
    const auto n_angles = static_cast<std::int32_t>(grid.n_angles);
    const std::int32_t beyond = n_rings * n_angles;
    const double log_inner = grid.logarithmic ? log_double(grid.inner) : 0.0;
    const double scale = grid.logarithmic ? static_cast<double>(n_rings) / (log_double(grid.outer) - log_inner)
                                          : static_cast<double>(n_rings) / (grid.outer - grid.inner);
    const auto count = static_cast<std::int32_t>(n);
    for (std::int32_t i = 0; i < count; ++i) {
        const double across = x + i;
        const double radius = std::sqrt(across * across + y * y);
        const bool inside = radius >= grid.inner && radius < grid.outer;
        const double kept = inside ? radius : grid.inner;
        const double ring = ((grid.logarithmic ? log_double(kept) - log_inner : kept - grid.inner)) * scale;
        std::int32_t whole = static_cast<std::int32_t>(ring);
        whole = whole < n_rings ? whole : n_rings - 1;
        whole = whole > 0 ? whole : 0;
        const std::int32_t cell = whole * n_angles + angle_cell(grid, turns_of(across, y));
        cells[i] = inside ? cell : beyond;
    }
}

typedef float ShellLanes __attribute__((vector_size(lane_count * sizeof(float))));

#define NANOTILT_LOAD(name, from) \
    ShellLanes name;              \
    std::memcpy(&name, from, sizeof name)

static inline float sum_of_lanes(const float* values) {
    double sum = 0.0;
    for (int lane = 0; lane < lane_count; ++lane) {
        sum += static_cast<double>(values[lane]);
    }
    return static_cast<float>(sum);
}

/// One order of a chunk: adds real and imaginary sums to `out` and `out + length`, and turns cosines and sines on to the next
/// order.
static inline void add_order(const float* terms, float* cos, float* sin, const float* step_cos, const float* step_sin,
                             std::ptrdiff_t n, float* out, std::ptrdiff_t length) {
    ShellLanes real[shell_terms] = {};
    ShellLanes imaginary[shell_terms] = {};
    for (std::ptrdiff_t i = 0; i < n; i += lane_count) {
        NANOTILT_LOAD(c, cos + i);
        NANOTILT_LOAD(s, sin + i);
        NANOTILT_LOAD(step_c, step_cos + i);
        NANOTILT_LOAD(step_s, step_sin + i);
        for (int k = 0; k < shell_terms; ++k) {
            NANOTILT_LOAD(value, terms + k * shell_chunk + i);
            real[k] += value * c;
            imaginary[k] -= value * s;
        }
        const ShellLanes next_c = c * step_c - s * step_s;
        const ShellLanes next_s = c * step_s + s * step_c;
        std::memcpy(cos + i, &next_c, sizeof next_c);
        std::memcpy(sin + i, &next_s, sizeof next_s);
    }
    for (int k = 0; k < shell_terms; ++k) {
        float lanes[lane_count];
        std::memcpy(lanes, &real[k], sizeof lanes);
        out[k] += sum_of_lanes(lanes);
        std::memcpy(lanes, &imaginary[k], sizeof lanes);
        out[length + k] += sum_of_lanes(lanes);
    }
}

static inline void sum_shell(const float* image, const ShellPixels& pixels, std::ptrdiff_t shell, int n_orders, float* scratch,
                             const ShellSums& sums) {
    float* cos = scratch + shell_terms * shell_chunk;
    float* sin = cos + shell_chunk;
    for (int order = 0; order < n_orders; ++order) {
        for (int part = 0; part < 2; ++part) {
            std::memset(sums.values + (order * 2 + part) * sums.length + shell * shell_terms, 0, shell_terms * sizeof(float));
        }
    }
    for (std::ptrdiff_t start = 0; start < pixels.count; start += shell_chunk) {
        const std::ptrdiff_t n = pixels.count - start < shell_chunk ? pixels.count - start : shell_chunk;
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            scratch[i] = image[pixels.pixel[start + i]];
        }
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            const float value = scratch[i] * pixels.weight[start + i];
            const float place = pixels.place[start + i];
            scratch[i] = value;
            scratch[i + shell_chunk] = value * place;
            scratch[i + 2 * shell_chunk] = value * place * place;
            cos[i] = 1.0F;
            sin[i] = 0.0F;
        }
        for (int order = 0; order < n_orders; ++order) {
            add_order(scratch, cos, sin, pixels.cos + start, pixels.sin + start, n,
                      sums.values + order * 2 * sums.length + shell * shell_terms, sums.length);
        }
    }
}

static inline void draw_shell(const ShellPixels& pixels, std::ptrdiff_t shell, int n_orders, const ShellSums& sums, float* scratch,
                              float* image) {
    float* values = scratch;
    float* cos = scratch + shell_terms * shell_chunk;
    float* sin = cos + shell_chunk;
    for (std::ptrdiff_t start = 0; start < pixels.count; start += shell_chunk) {
        const std::ptrdiff_t n = pixels.count - start < shell_chunk ? pixels.count - start : shell_chunk;
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            values[i] = 0.0F;
            cos[i] = 1.0F;
            sin[i] = 0.0F;
        }
        const float* step_cos = pixels.cos + start;
        const float* step_sin = pixels.sin + start;
        for (int order = 0; order < n_orders; ++order) {
            const float* real = sums.values + order * 2 * sums.length + shell * shell_terms;
            const float* imaginary = real + sums.length;
            for (std::ptrdiff_t i = 0; i < n; ++i) {
                const float place = pixels.place[start + i];
                const float c = cos[i];
                const float s = sin[i];
                values[i] += ((real[2] * place + real[1]) * place + real[0]) * c -
                             ((imaginary[2] * place + imaginary[1]) * place + imaginary[0]) * s;
                cos[i] = c * step_cos[i] - s * step_sin[i];
                sin[i] = c * step_sin[i] + s * step_cos[i];
            }
        }
        for (std::ptrdiff_t i = n; i-- > 0;) {  // backwards: what fills a shell up repeats its first pixel, which comes last
            image[pixels.pixel[start + i]] = values[i];
        }
    }
}

static inline void add_rows(const float* table, std::ptrdiff_t n_rows, std::ptrdiff_t stride, const float* factors, float* out) {
    for (std::ptrdiff_t n = 0; n < stride; n += lane_count) {
        ShellLanes sum = {};
        for (std::ptrdiff_t row = 0; row < n_rows; ++row) {
            NANOTILT_LOAD(values, table + row * stride + n);
            sum += values * factors[row];
        }
        std::memcpy(out + n, &sum, sizeof sum);
    }
}

static inline void multiply_rows(const float* table, std::ptrdiff_t n_rows, std::ptrdiff_t stride, const float* factors,
                                 float* out) {
    for (std::ptrdiff_t row = 0; row < n_rows; ++row) {
        ShellLanes sum = {};
        for (std::ptrdiff_t n = 0; n < stride; n += lane_count) {
            NANOTILT_LOAD(values, table + row * stride + n);
            NANOTILT_LOAD(factor, factors + n);
            sum += values * factor;
        }
        float lanes[lane_count];
        std::memcpy(lanes, &sum, sizeof lanes);
        out[row] = sum_of_lanes(lanes);
    }
}

#undef NANOTILT_LOAD

}  // namespace nanotilt
