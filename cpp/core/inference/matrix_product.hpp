// Products of matrices whose bits depend neither on threads nor on the SIMD level, unlike those of NumPy's BLAS libraries.
#pragma once

#include <cstddef>

#include "../base/stop.hpp"

namespace nanotilt {

/// out (n_rows, n_columns) = a (n_rows, n_inner) b (n_inner, n_columns), row by row in memory. Throws std::bad_alloc only.
void matrix_product(const double* a, const double* b, std::ptrdiff_t n_rows, std::ptrdiff_t n_inner, std::ptrdiff_t n_columns,
                    double* out, int n_threads, const Stop& stop);

}  // namespace nanotilt
