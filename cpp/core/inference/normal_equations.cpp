#include "normal_equations.hpp"

#include <cmath>

#include "lattice_model.hpp"

namespace nanotilt {

namespace {

constexpr std::ptrdiff_t n_pieces = lattice_linear + 4 * lattice_waves;

/// A function of the image, as products of a function of y and one of x: first + sign * second.
struct Piece {
    std::ptrdiff_t y[2];
    std::ptrdiff_t x[2];
    double sign;
};

struct Pieces {
    Piece at[n_pieces];
};

/// All linear terms; then x cos, x sin, y cos, y sin of each wave.
constexpr Pieces make_pieces() {
    Pieces pieces{};
    for (std::ptrdiff_t i = 0; i < lattice_field_terms; ++i) {
        pieces.at[i] = {{i / axis_field, 0}, {i % axis_field, 0}, 0.0};
    }
    for (std::ptrdiff_t s = 0; s < lattice_waves; ++s) {
        const std::ptrdiff_t c = axis_field + 2 * s;
        const std::ptrdiff_t m = axis_model + 2 * s;
        Piece* linear = pieces.at + lattice_field_terms + 2 * s;
        linear[0] = {{c, c + 1}, {c, c + 1}, -1.0};
        linear[1] = {{c, c + 1}, {c + 1, c}, 1.0};
        Piece* slopes = pieces.at + lattice_linear + 4 * s;
        slopes[0] = {{c, c + 1}, {m, m + 1}, -1.0};
        slopes[1] = {{c, c + 1}, {m + 1, m}, 1.0};
        slopes[2] = {{m, m + 1}, {c, c + 1}, -1.0};
        slopes[3] = {{m, m + 1}, {c + 1, c}, 1.0};
    }
    return pieces;
}
constexpr Pieces pieces = make_pieces();

double piece_sum(const double* sums, const Piece& piece) {
    const double first = sums[piece.y[0] * axis_functions + piece.x[0]];
    return first + piece.sign * sums[piece.y[1] * axis_functions + piece.x[1]];
}

double product_sum(const double* y, const double* x, const Piece& a, const Piece& b) {
    const auto term = [&](int i, int j) { return y[a.y[i] * axis_functions + b.y[j]] * x[a.x[i] * axis_functions + b.x[j]]; };
    const double first = term(0, 0) + b.sign * term(0, 1);
    const double second = term(1, 0) + b.sign * term(1, 1);
    return first + a.sign * second;
}

/// Of a wave's four slopes, given by `values`, what goes to the four components of the wave vectors.
void add_slopes(const double* values, const double* linear, std::ptrdiff_t wave, double* out) {
    const double* c = linear + lattice_field_terms + 2 * wave;
    const double along_x = c[1] * values[0] - c[0] * values[1];
    const double along_y = c[1] * values[2] - c[0] * values[3];
    const auto h = static_cast<double>(wave_orders[wave].h);
    const auto k = static_cast<double>(wave_orders[wave].k);
    out[0] += h * along_x;
    out[1] += h * along_y;
    out[2] += k * along_x;
    out[3] += k * along_y;
}

}  // namespace

void write_sums(const double* y, const double* row_sums, std::ptrdiff_t n_rows, double* sums) {
    constexpr std::ptrdiff_t n = 2 * lattice_waves;
    double field[lattice_field_terms] = {};
    double equal[3][n] = {};    // cosines with cosines, sines with sines; without places, with x, with y
    double swapped[3][n] = {};  // sines of y with cosines of x, cosines with sines
    for (std::ptrdiff_t row = 0; row < n_rows; ++row, y += axis_functions, row_sums += axis_functions) {
        for (std::ptrdiff_t p = 0; p < axis_field; ++p) {
            for (std::ptrdiff_t q = 0; q < axis_field; ++q) {
                field[p * axis_field + q] += y[p] * row_sums[q];
            }
        }
        double turned[2 * n];
        for (std::ptrdiff_t i = 0; i < 2 * n; i += 2) {
            turned[i] = y[axis_field + i + 1];
            turned[i + 1] = y[axis_field + i];
        }
        const double* waves = row_sums + axis_field;
        const double* slopes = row_sums + axis_model;
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            equal[0][i] += y[axis_field + i] * waves[i];
            equal[1][i] += y[axis_field + i] * slopes[i];
            equal[2][i] += y[axis_model + i] * waves[i];
            swapped[0][i] += turned[i] * waves[i];
            swapped[1][i] += turned[i] * slopes[i];
            swapped[2][i] += turned[n + i] * waves[i];
        }
    }
    for (std::ptrdiff_t i = 0; i < lattice_field_terms; ++i) {
        sums[i / axis_field * axis_functions + i % axis_field] = field[i];
    }
    constexpr std::ptrdiff_t of_y[3] = {axis_field, axis_field, axis_model};
    constexpr std::ptrdiff_t of_x[3] = {axis_field, axis_model, axis_field};
    for (int kind = 0; kind < 3; ++kind) {
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            sums[(of_y[kind] + i) * axis_functions + of_x[kind] + i] = equal[kind][i];
            sums[(of_y[kind] + (i ^ 1)) * axis_functions + of_x[kind] + i] = swapped[kind][i];
        }
    }
}

void write_gradient(const double* sums, const double* linear, std::ptrdiff_t n_parameters, double* out) {
    for (std::ptrdiff_t i = 0; i < lattice_linear; ++i) {
        out[i] = piece_sum(sums, pieces.at[i]);
    }
    if (n_parameters == lattice_linear) {
        return;
    }
    for (std::ptrdiff_t i = 0; i < 4; ++i) {
        out[lattice_linear + i] = 0.0;
    }
    for (std::ptrdiff_t s = 0; s < lattice_waves; ++s) {
        double values[4];
        for (std::ptrdiff_t i = 0; i < 4; ++i) {
            values[i] = piece_sum(sums, pieces.at[lattice_linear + 4 * s + i]);
        }
        add_slopes(values, linear, s, out + lattice_linear);
    }
}

void write_normal_equations(const double* y, const double* x, const double* linear, std::ptrdiff_t n_parameters, double* out) {
    for (std::ptrdiff_t i = 0; i < lattice_linear; ++i) {
        for (std::ptrdiff_t j = 0; j <= i; ++j) {
            out[i * n_parameters + j] = product_sum(y, x, pieces.at[i], pieces.at[j]);
        }
    }
    if (n_parameters == lattice_linear) {
        return;
    }
    double* rows = out + lattice_linear * n_parameters;
    for (std::ptrdiff_t i = 0; i < 4 * n_parameters; ++i) {
        rows[i] = 0.0;
    }
    // Of each slope of a wave: its products with the linear terms, and with the four components.
    const auto add = [&](const double* four, std::ptrdiff_t s, std::ptrdiff_t column) {
        double all[4] = {};
        add_slopes(four, linear, s, all);
        for (std::ptrdiff_t i = 0; i < 4; ++i) {
            rows[i * n_parameters + column] += all[i];
        }
    };
    for (std::ptrdiff_t s = 0; s < lattice_waves; ++s) {
        const Piece* slopes = pieces.at + lattice_linear + 4 * s;
        for (std::ptrdiff_t j = 0; j < lattice_linear; ++j) {
            double four[4];
            for (std::ptrdiff_t i = 0; i < 4; ++i) {
                four[i] = product_sum(y, x, slopes[i], pieces.at[j]);
            }
            add(four, s, j);
        }
        double with_components[4][4] = {};  // of this wave's slopes
        for (std::ptrdiff_t other = 0; other < lattice_waves; ++other) {
            const Piece* others = pieces.at + lattice_linear + 4 * other;
            for (std::ptrdiff_t i = 0; i < 4; ++i) {
                double four[4];
                for (std::ptrdiff_t j = 0; j < 4; ++j) {
                    four[j] = product_sum(y, x, slopes[i], others[j]);
                }
                add_slopes(four, linear, other, with_components[i]);
            }
        }
        for (std::ptrdiff_t j = 0; j < 4; ++j) {
            const double four[4] = {with_components[0][j], with_components[1][j], with_components[2][j], with_components[3][j]};
            add(four, s, lattice_linear + j);
        }
    }
}

void cholesky(double* matrix, std::ptrdiff_t n, double* inverse) {
    constexpr double negligible = 1e-10;
    for (std::ptrdiff_t j = 0; j < n; ++j) {
        double* row = matrix + j * n;
        for (std::ptrdiff_t k = 0; k < j; ++k) {
            double sum = row[k];
            const double* above = matrix + k * n;
            for (std::ptrdiff_t m = 0; m < k; ++m) {
                sum -= row[m] * above[m];
            }
            row[k] = sum * inverse[k];
        }
        double pivot = row[j];
        for (std::ptrdiff_t m = 0; m < j; ++m) {
            pivot -= row[m] * row[m];
        }
        inverse[j] = pivot > negligible * row[j] && pivot > 1e-300 ? 1.0 / std::sqrt(pivot) : 0.0;
    }
}

void solve(const double* factor, const double* inverse, std::ptrdiff_t n, double* values) {
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        double sum = values[i];
        for (std::ptrdiff_t k = 0; k < i; ++k) {
            sum -= factor[i * n + k] * values[k];
        }
        values[i] = sum * inverse[i];
    }
    for (std::ptrdiff_t i = n - 1; i >= 0; --i) {
        values[i] *= inverse[i];
        for (std::ptrdiff_t k = 0; k < i; ++k) {
            values[k] -= factor[i * n + k] * values[i];
        }
    }
}

}  // namespace nanotilt
