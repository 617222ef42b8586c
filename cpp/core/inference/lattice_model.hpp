// The model of a lattice fit: its tables, and steps towards the least squares.
#pragma once

#include "../base/arena.hpp"
#include "inference_kernels.hpp"
#include "lattice_fit.hpp"

namespace nanotilt {

/// Functions of one axis: four cosines of the field, cosine and sine of nine waves, and these times the place.
inline constexpr std::ptrdiff_t axis_field = 4;
inline constexpr std::ptrdiff_t axis_model = axis_field + 2 * lattice_waves;
inline constexpr std::ptrdiff_t axis_functions = axis_model + 2 * lattice_waves;

/// Orders of the waves in the two wave vectors.
struct WaveOrders {
    int h;
    int k;
};
inline constexpr WaveOrders wave_orders[lattice_waves] = {{1, 0},  {0, 1}, {1, -1}, {1, 1}, {2, -1},
                                                          {1, -2}, {2, 0}, {0, 2},  {2, -2}};

struct WaveVectors {
    /// The two vectors' components in radians per pixel: x and y of the first, x and y of the second, 60 degrees on.
    double at[4];
};

/// Functions along an axis of n pixels: (axis_functions, n), the same turned over, and times weights; sums of products of each two.
struct AxisTables {
    double* values;
    double* turned;
    double* weights;  // (n)
    double* weighted;
    double* products;
};

struct LatticeScratch {
    double* counts;  // (n_rows, n_columns), as all images here
    double* model;
    double* weighted;  // residuals times weights
    double* weights;
    AxisTables x;
    AxisTables y;
    double* row_factors;  // (n_rows, axis_model)
    double* row_sums;     // (n_rows, axis_functions)
    double* sums;         // (axis_functions, axis_functions): of weighted residuals times a function of y and one of x
    double* matrix;       // normal equations (lattice_parameters, lattice_parameters), then their factor
    double* inverse;      // of the factor's diagonal; 0 where a parameter cannot be told
};

inline LatticeScratch take_lattice_scratch(Arena& arena, std::ptrdiff_t n_rows, std::ptrdiff_t n_columns) {
    const auto axis = [&](std::ptrdiff_t n) {
        AxisTables tables{};
        tables.values = arena.take<double>(axis_functions, n);
        tables.turned = arena.take<double>(n, axis_functions);
        tables.weights = arena.take<double>(n);
        tables.weighted = arena.take<double>(axis_functions, n);
        tables.products = arena.take<double>(axis_functions, axis_functions);
        return tables;
    };
    LatticeScratch s{};
    s.counts = arena.take<double>(n_rows, n_columns);
    s.model = arena.take<double>(n_rows, n_columns);
    s.weighted = arena.take<double>(n_rows, n_columns);
    s.weights = arena.take<double>(n_rows, n_columns);
    s.x = axis(n_columns);
    s.y = axis(n_rows);
    s.row_factors = arena.take<double>(n_rows, axis_model);
    s.row_sums = arena.take<double>(n_rows, axis_functions);
    s.sums = arena.take<double>(axis_functions, axis_functions);
    s.matrix = arena.take<double>(lattice_parameters, lattice_parameters);
    s.inverse = arena.take<double>(lattice_parameters);
    return s;
}

struct LatticeEstimate {
    WaveVectors waves;
    double linear[lattice_linear];
};

/// Fills the parts of the tables that no image changes: the field's cosines.
void write_field_tables(const LatticeFitPlan& plan, const LatticeScratch& s);

/// Least squares from the wave vectors given, for the counts in `s`, whose mean is > 0: leaves the expected counts in s.model.
void fit_lattice(const LatticeFitPlan& plan, double mean, LatticeEstimate& estimate, const LatticeScratch& s,
                 const InferenceKernels& kernels);

}  // namespace nanotilt
