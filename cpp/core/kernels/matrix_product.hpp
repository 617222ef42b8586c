// Products of matrices in double precision, every sum in the order of its terms: the same bits at every level and for any tiling.
#pragma once

#include <cstddef>
#include <cstring>

namespace nanotilt {

#if defined(__AVX__)
inline constexpr std::ptrdiff_t product_lanes = 4;
#else
inline constexpr std::ptrdiff_t product_lanes = 2;
#endif
inline constexpr std::ptrdiff_t product_rows = 4;
inline constexpr std::ptrdiff_t product_vectors = 2;
inline constexpr std::ptrdiff_t product_columns = product_vectors * product_lanes;
typedef double DoubleLanes __attribute__((vector_size(product_lanes * sizeof(double))));

// Loaded one by one: sums whose address is taken as a whole would be stored after every step (five times as slow).
static inline DoubleLanes load_doubles(const double* from) {
    DoubleLanes lanes;
    std::memcpy(&lanes, from, sizeof lanes);
    return lanes;
}

/// out (n_rows, n_columns) = a (n_rows, n_inner) b (n_inner, n_columns), for a tile of whole size: its sums stay in registers.
static inline void multiply_whole_tile(const double* a, const double* b, std::ptrdiff_t n_inner, std::ptrdiff_t n_columns,
                                       double* out) {
    DoubleLanes sums[product_rows][product_vectors] = {};
    for (std::ptrdiff_t k = 0; k < n_inner; ++k) {
        const DoubleLanes left = load_doubles(b + k * n_columns);
        const DoubleLanes right = load_doubles(b + k * n_columns + product_lanes);
        for (std::ptrdiff_t r = 0; r < product_rows; ++r) {
            const DoubleLanes factor = DoubleLanes{} + a[r * n_inner + k];
            sums[r][0] += factor * left;
            sums[r][1] += factor * right;
        }
    }
    for (std::ptrdiff_t r = 0; r < product_rows; ++r) {
        for (std::ptrdiff_t v = 0; v < product_vectors; ++v) {
            const DoubleLanes sum = sums[r][v];
            std::memcpy(out + r * n_columns + v * product_lanes, &sum, sizeof sum);
        }
    }
}

static inline void multiply_matrices(const double* a, const double* b, std::ptrdiff_t n_rows, std::ptrdiff_t n_inner,
                                     std::ptrdiff_t n_columns, double* out) {
    const std::ptrdiff_t whole_rows = n_rows / product_rows * product_rows;
    const std::ptrdiff_t whole_columns = n_columns / product_columns * product_columns;
    for (std::ptrdiff_t i = 0; i < whole_rows; i += product_rows) {
        for (std::ptrdiff_t j = 0; j < whole_columns; j += product_columns) {
            multiply_whole_tile(a + i * n_inner, b + j, n_inner, n_columns, out + i * n_columns + j);
        }
    }
    for (std::ptrdiff_t i = 0; i < n_rows; ++i) {
        for (std::ptrdiff_t j = i < whole_rows ? whole_columns : 0; j < n_columns; ++j) {
            double sum = 0.0;
            for (std::ptrdiff_t k = 0; k < n_inner; ++k) {
                sum += a[i * n_inner + k] * b[k * n_columns + j];
            }
            out[i * n_columns + j] = sum;
        }
    }
}

}  // namespace nanotilt
