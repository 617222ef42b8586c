// Kernels of images in polar coordinates: which cell a pixel belongs to, and sums over the pixels of thin rings.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nanotilt {

struct PolarGrid;

/// A radial function is a polynomial of so many terms on each shell.
inline constexpr int shell_terms = 3;

/// Pixels of one shell, their number a multiple of lane_count (those that fill it up weigh 0).
struct ShellPixels {
    /// Numbers of pixels in the image, row by row.
    const std::int32_t* pixel;
    const float* weight;
    /// Distance from the shell's middle, -1 and 1 at its borders.
    const float* place;
    /// Cosine and sine of the angle, times the step between orders.
    const float* cos;
    const float* sin;
    std::ptrdiff_t count;
};

/// Sums of an image over all shells: real and imaginary parts of order i start at i * 2 * length and (i * 2 + 1) * length; there,
/// shell s has shell_terms numbers from s * shell_terms on.
struct ShellSums {
    float* values;
    std::ptrdiff_t length;
};

struct PolarKernels {
    /// cells[i] = number of the cell of the pixel (x + i, y) from the centre; grid.n_cells() for pixels beyond the grid.
    void (*cells_of_row)(const PolarGrid& grid, double x, double y, std::ptrdiff_t n, std::int32_t* cells);

    /// Sums of image * weight * place^k * exp(-i * order * angle) over one shell, for each order and term k; `scratch` holds
    /// shell_scratch floats.
    void (*sum_shell)(const float* image, const ShellPixels& pixels, std::ptrdiff_t shell, int n_orders, float* scratch,
                      const ShellSums& sums);

    /// What sums with the same layout describe, at the shell's pixels: writes to `image`.
    void (*draw_shell)(const ShellPixels& pixels, std::ptrdiff_t shell, int n_orders, const ShellSums& sums, float* scratch,
                       float* image);

    /// out[n] = sum over rows of factors[row] * table[row * stride + n].
    void (*add_rows)(const float* table, std::ptrdiff_t n_rows, std::ptrdiff_t stride, const float* factors, float* out);

    /// out[row] = sum over n of table[row * stride + n] * factors[n].
    void (*multiply_rows)(const float* table, std::ptrdiff_t n_rows, std::ptrdiff_t stride, const float* factors, float* out);
};

/// Pixels of a shell that are treated together, and the scratch memory for them.
inline constexpr std::ptrdiff_t shell_chunk = 1024;
inline constexpr std::ptrdiff_t shell_scratch = (shell_terms + 2) * shell_chunk;

}  // namespace nanotilt
