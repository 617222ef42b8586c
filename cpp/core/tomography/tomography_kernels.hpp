// Kernels of line sums through images and of their spreading back.
#pragma once

#include <cstddef>

namespace nanotilt {

/// Rows of pixels as kernels read them; one 0 before and one behind each row.
struct PixelRows {
    const float* values;
    std::ptrdiff_t n_rows;
    std::ptrdiff_t n_columns;
    std::ptrdiff_t stride;
};

/// Rows of pixels that kernels add to; one more number before and behind each row may be written to.
struct WritableRows {
    float* values;
    std::ptrdiff_t n_rows;
    std::ptrdiff_t n_columns;
    std::ptrdiff_t stride;
};

/// A filtered row of a sinogram is sampled so often between one pixel and the next, so that straight lines between these samples
/// follow the straight lines between its detectors.
inline constexpr int sample_phases = 4;

/// Samples, phase by phase: sample number n at n % sample_phases * length + n / sample_phases.
struct PhasedSamples {
    const float* values;
    std::ptrdiff_t length;
};

struct TomographyKernels {
    /// sums[i] += over all rows, row r's value at column start + r * step + i, linear between columns, 0 outside.
    void (*sum_lines)(const PixelRows& rows, double start, double step, float* sums, std::ptrdiff_t n_sums);

    /// out[r * stride + i] += samples at position start + r * step + i, linear between samples; all positions are inside.
    void (*spread_lines)(const PhasedSamples& samples, double start, double step, std::ptrdiff_t n_rows, std::ptrdiff_t n_columns,
                         float* out, std::ptrdiff_t stride);

    /// out[i] = row at start + i * step, linear in between, for i in first ... last; `row` has one number more than is met.
    void (*resample)(const float* row, double start, double step, std::ptrdiff_t first, std::ptrdiff_t last, float* out);

    /// A row of n convolved with 2 * n - 1 numbers, the middle one at distance 0.
    void (*convolve)(const float* row, std::ptrdiff_t n, const float* kernel, float* out);

    /// The adjoint of sum_lines: adds sums[i] to row r at column start + r * step + i, shared between the columns beside it.
    void (*spread_sums)(const float* sums, std::ptrdiff_t n_sums, double start, double step, const WritableRows& rows);
};

}  // namespace nanotilt
