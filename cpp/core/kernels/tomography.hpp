// Sums along parallel lines through an image, and their spreading back: the inner loops of radon and back_project.
//
// Lines that run steeper than 45 degrees meet every row of pixels once. From row to row they move by the same distance, so all
// lines take the same fraction of two neighbouring pixels of a row: loads are contiguous, and nothing is looked up per line.
// Lines flatter than 45 degrees meet the transposed image in the same way.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "../tomography/tomography_kernels.hpp"

namespace nanotilt {

static inline void add_between(const float* low, const float* high, float fraction, std::ptrdiff_t n, float* sums) {
    const float rest = 1.0F - fraction;
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        sums[i] += rest * low[i] + fraction * high[i];
    }
}

/// sums[i] += over all rows, row r's value at column start + r * step + i, linear between columns, 0 outside.
static inline void sum_lines(const PixelRows& rows, double start, double step, float* sums, std::ptrdiff_t n_sums) {
    for (std::ptrdiff_t r = 0; r < rows.n_rows; ++r) {
        const double at = start + static_cast<double>(r) * step;
        const double whole = std::floor(at);
        const auto column = static_cast<std::ptrdiff_t>(whole);
        const std::ptrdiff_t first = column < -1 ? -1 - column : 0;
        const std::ptrdiff_t last = rows.n_columns - column < n_sums ? rows.n_columns - column : n_sums;
        if (first < last) {
            const float* low = rows.values + r * rows.stride + column + first;
            add_between(low, low + 1, static_cast<float>(at - whole), last - first, sums + first);
        }
    }
}

/// Where sample number n is.
static inline const float* sample_at(const PhasedSamples& samples, std::size_t n) {
    return samples.values + n % sample_phases * static_cast<std::size_t>(samples.length) + n / sample_phases;
}

/// out[r * stride + i] += samples at position start + r * step + i, linear between samples; all positions are inside.
static inline void spread_lines(const PhasedSamples& samples, double start, double step, std::ptrdiff_t n_rows,
                                std::ptrdiff_t n_columns, float* out, std::ptrdiff_t stride) {
    for (std::ptrdiff_t r = 0; r < n_rows; ++r) {
        const double at = (start + static_cast<double>(r) * step) * sample_phases;
        const auto whole = static_cast<std::int32_t>(at);
        const auto n = static_cast<std::size_t>(whole);
        add_between(sample_at(samples, n), sample_at(samples, n + 1), static_cast<float>(at - static_cast<double>(whole)),
                    n_columns, out + r * stride);
    }
}

/// out[i] = row at start + i * step, linear in between, for i in first ... last. Single precision: vectors twice as wide, and a
/// place wrong by less than 1e-7 of the row's length.
static inline void resample(const float* row, double start, double step, std::ptrdiff_t first, std::ptrdiff_t last, float* out) {
    const auto from = static_cast<float>(start + static_cast<double>(first) * step);
    const auto stride = static_cast<float>(step);
    const auto count = static_cast<std::int32_t>(last - first);
    for (std::int32_t i = 0; i < count; ++i) {
        const float at = from + static_cast<float>(i) * stride;
        const auto whole = static_cast<std::int32_t>(at);
        const float fraction = at - static_cast<float>(whole);
        out[first + i] = (1.0F - fraction) * row[whole] + fraction * row[whole + 1];
    }
}

/// out[i] = sum over j of row[j] * kernel[n - 1 + i - j].
static inline void convolve(const float* row, std::ptrdiff_t n, const float* kernel, float* out) {
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        out[i] = 0.0F;
    }
    // Four numbers of the row at a time: a quarter of the loads and stores of `out`.
    std::ptrdiff_t j = 0;
    for (; j + 4 <= n; j += 4) {
        const float* shifted = kernel + (n - 1 - j);
        const float a = row[j];
        const float b = row[j + 1];
        const float c = row[j + 2];
        const float d = row[j + 3];
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            out[i] += (a * shifted[i] + b * shifted[i - 1]) + (c * shifted[i - 2] + d * shifted[i - 3]);
        }
    }
    for (; j < n; ++j) {
        const float* shifted = kernel + (n - 1 - j);
        const float a = row[j];
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            out[i] += a * shifted[i];
        }
    }
}

}  // namespace nanotilt
