// Normal equations of a lattice fit, from sums of products of functions of x and of y.
#pragma once

#include <cstddef>

namespace nanotilt {

/// Of `sums` (axis_functions, axis_functions) of rows times functions of y, those that write_gradient looks at: of two functions of
/// the field, and of two of one wave, of which not both are times the place. Each sum runs in the order of the rows; `y` and
/// `row_sums` are (n_rows, axis_functions).
void write_sums(const double* y, const double* row_sums, std::ptrdiff_t n_rows, double* sums);

/// Right-hand sides, from `sums` of residuals times a function of y (row) and one of x (column).
void write_gradient(const double* sums, const double* linear, std::ptrdiff_t n_parameters, double* out);

/// The matrix (n_parameters, n_parameters), lower half, of the linear parameters and, if n_parameters has room for them, the four
/// components of the wave vectors; y and x: products of each two functions of an axis, summed.
void write_normal_equations(const double* y, const double* x, const double* linear, std::ptrdiff_t n_parameters, double* out);

/// The lower half of a symmetric matrix (n, n) becomes its factor, and `inverse` (n) that of its diagonal: 0 for a parameter that
/// the others can stand for, which solve() leaves at 0.
void cholesky(double* matrix, std::ptrdiff_t n, double* inverse);

/// Right-hand sides become the solution.
void solve(const double* factor, const double* inverse, std::ptrdiff_t n, double* values);

}  // namespace nanotilt
