#include "lattice_model.hpp"

#include <algorithm>
#include <cmath>

#include "../base/elementary.hpp"
#include "normal_equations.hpp"

namespace nanotilt {

namespace {

// Steps are with normal equations of their own at first, and as long as they are longer than a standard deviation; then with the
// last ones', until they are so short that they change nothing. These make up for weights that the equations leave out.
constexpr int least_whole_steps = 2;
constexpr int most_whole_steps = 4;
constexpr int most_steps = 10;
constexpr double long_step = 1.0;  // squares of standard deviations of the parameters
constexpr double short_step = 1e-5;
constexpr double least_field = 0.1;  // of the mean
constexpr double least_model = 0.05;

/// A rotation by an angle, once per pixel: powers of it are the values of a wave along an axis.
void write_waves(const double* steps, std::ptrdiff_t n, const AxisTables& tables) {
    const double middle = 0.5 * static_cast<double>(n - 1);
    SinCosDouble turn[2];
    SinCosDouble at[2];
    for (int v = 0; v < 2; ++v) {
        turn[v] = sincos_double(steps[v]);
        at[v] = sincos_double(-middle * steps[v]);
    }
    const auto plus = [](SinCosDouble a, SinCosDouble b) {
        return SinCosDouble{a.sin * b.cos + a.cos * b.sin, a.cos * b.cos - a.sin * b.sin};
    };
    const auto minus = [](SinCosDouble a, SinCosDouble b) {
        return SinCosDouble{a.sin * b.cos - a.cos * b.sin, a.cos * b.cos + a.sin * b.sin};
    };
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        const SinCosDouble a = at[0];
        const SinCosDouble b = at[1];
        const SinCosDouble a2 = plus(a, a);
        const SinCosDouble b2 = plus(b, b);
        const SinCosDouble difference = minus(a, b);
        // In the order of wave_orders.
        const SinCosDouble waves[lattice_waves] = {
            a, b, difference, plus(a, b), plus(a, difference), minus(difference, b), a2, b2, plus(difference, difference)};
        const double place = static_cast<double>(i) - middle;
        double* values = tables.values + axis_field * n + i;
        for (const SinCosDouble& wave : waves) {
            values[0] = wave.cos;
            values[n] = wave.sin;
            values[2 * lattice_waves * n] = place * wave.cos;
            values[(2 * lattice_waves + 1) * n] = place * wave.sin;
            values += 2 * n;
        }
        at[0] = plus(a, turn[0]);
        at[1] = plus(b, turn[1]);
    }
    for (std::ptrdiff_t f = axis_field; f < axis_functions; ++f) {
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            tables.turned[i * axis_functions + f] = tables.values[f * n + i];
        }
    }
}

/// What a row multiplies each function of x with, to have the model's counts.
void write_row_factors(const LatticeFitPlan& plan, const double* linear, const LatticeScratch& s) {
    for (std::ptrdiff_t row = 0; row < plan.n_rows; ++row) {
        const double* y = s.y.turned + row * axis_functions;
        double* out = s.row_factors + row * axis_model;
        for (std::ptrdiff_t q = 0; q < axis_field; ++q) {
            double sum = 0.0;
            for (std::ptrdiff_t p = 0; p < axis_field; ++p) {
                sum += linear[p * axis_field + q] * y[p];
            }
            out[q] = sum;
        }
        for (std::ptrdiff_t f = axis_field; f < axis_model; f += 2) {
            const double* c = linear + lattice_field_terms - axis_field + f;
            out[f] = c[0] * y[f] + c[1] * y[f + 1];
            out[f + 1] = c[1] * y[f] - c[0] * y[f + 1];
        }
    }
}

void write_weights(const LatticeFitPlan& plan, const double* linear, double mean, const LatticeScratch& s) {
    for (std::ptrdiff_t row = 0; row < plan.n_rows; ++row) {
        const double* factors = s.row_factors + row * axis_model;
        double* out = s.weights + row * plan.n_columns;
        for (std::ptrdiff_t i = 0; i < plan.n_columns; ++i) {
            double field = 0.0;
            for (std::ptrdiff_t q = 0; q < axis_field; ++q) {
                field += factors[q] * s.x.values[q * plan.n_columns + i];
            }
            out[i] = linear[0] / std::max(field, least_field * mean);
        }
    }
}

class Fit {
   public:
    Fit(const LatticeFitPlan& plan, double mean, LatticeEstimate& estimate, const LatticeScratch& s,
        const InferenceKernels& kernels)
        : plan_(plan), mean_(mean), estimate_(estimate), s_(s), kernels_(kernels) {}

    void run() {
        std::fill(estimate_.linear, estimate_.linear + lattice_linear, 0.0);
        estimate_.linear[0] = mean_;
        const std::ptrdiff_t n = plan_.n_rows * plan_.n_columns;
        write_tables();
        std::fill(s_.weights, s_.weights + n, 1.0);
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            s_.weighted[i] = s_.counts[i] - mean_;
        }
        add_up();
        factorise(lattice_linear);
        step(lattice_linear, false);
        double length = 0.0;
        for (int round = 0; round < most_steps && (round < least_whole_steps || length > short_step); ++round) {
            const bool whole = round < least_whole_steps || (round < most_whole_steps && length > long_step);
            write_row_factors(plan_, estimate_.linear, s_);
            write_weights(plan_, estimate_.linear, mean_, s_);
            write_residuals();
            add_up();
            if (whole) {
                factorise(lattice_parameters);
            }
            length = step(lattice_parameters, !whole);
            write_tables();
        }
        write_row_factors(plan_, estimate_.linear, s_);
        write_model();
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            s_.model[i] = std::max(s_.model[i], least_model * mean_);
        }
    }

   private:
    void write_tables() {
        const double* g = estimate_.waves.at;
        const double along_x[2] = {g[0], g[2]};
        const double along_y[2] = {g[1], g[3]};
        write_waves(along_x, plan_.n_columns, s_.x);
        write_waves(along_y, plan_.n_rows, s_.y);
    }

    void write_model() {
        kernels_.multiply_matrices(s_.row_factors, s_.x.values, plan_.n_rows, axis_model, plan_.n_columns, s_.model);
    }

    void write_residuals() {
        write_model();
        const std::ptrdiff_t n = plan_.n_rows * plan_.n_columns;
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            s_.weighted[i] = (s_.counts[i] - s_.model[i]) * s_.weights[i];
        }
    }

    void add_up() {
        kernels_.multiply_matrices(s_.weighted, s_.x.turned, plan_.n_rows, plan_.n_columns, axis_functions, s_.row_sums);
        write_sums(s_.y.turned, s_.row_sums, plan_.n_rows, s_.sums);
    }

    /// Weights are taken for the product of their means over columns and over rows: the equations only lead the steps.
    void factorise(std::ptrdiff_t n_parameters) {
        double sum = 0.0;
        std::fill(s_.x.weights, s_.x.weights + plan_.n_columns, 0.0);
        for (std::ptrdiff_t row = 0; row < plan_.n_rows; ++row) {
            const double* weights = s_.weights + row * plan_.n_columns;
            double of_row = 0.0;
            for (std::ptrdiff_t i = 0; i < plan_.n_columns; ++i) {
                of_row += weights[i];
                s_.x.weights[i] += weights[i];
            }
            s_.y.weights[row] = of_row;
            sum += of_row;
        }
        for (std::ptrdiff_t i = 0; i < plan_.n_columns; ++i) {
            s_.x.weights[i] /= sum;
        }
        multiply_axis(s_.x, plan_.n_columns);
        multiply_axis(s_.y, plan_.n_rows);
        write_normal_equations(s_.y.products, s_.x.products, estimate_.linear, n_parameters, s_.matrix);
        cholesky(s_.matrix, n_parameters, s_.inverse);
    }

    void multiply_axis(const AxisTables& axis, std::ptrdiff_t n) {
        for (std::ptrdiff_t f = 0; f < axis_functions; ++f) {
            for (std::ptrdiff_t i = 0; i < n; ++i) {
                axis.weighted[f * n + i] = axis.weights[i] * axis.values[f * n + i];
            }
        }
        kernels_.multiply_matrices(axis.weighted, axis.turned, axis_functions, n, axis_functions, axis.products);
    }

    /// Returns the square of the step's length, in standard deviations of the parameters. `repeated`: the normal equations are
    /// those of the last step; what that step did to the gradient then tells how far this one goes (Anderson's acceleration).
    double step(std::ptrdiff_t n_parameters, bool repeated) {
        double gradient[lattice_parameters];
        double change[lattice_parameters];
        write_gradient(s_.sums, estimate_.linear, n_parameters, gradient);
        std::copy(gradient, gradient + n_parameters, change);
        solve(s_.matrix, s_.inverse, n_parameters, change);
        double length = 0.0;
        double along = 0.0;
        double across = 0.0;
        for (std::ptrdiff_t i = 0; i < n_parameters; ++i) {
            length += gradient[i] * change[i];
            along += (gradient[i] - gradient_[i]) * change[i];
            across += (gradient[i] - gradient_[i]) * (change[i] - change_[i]);
        }
        const double back = repeated && across > 0.0 ? std::clamp(along / across, -4.0, 0.8) : 0.0;
        for (std::ptrdiff_t i = 0; i < n_parameters; ++i) {
            move_[i] = change[i] - back * (move_[i] + (change[i] - change_[i]));
            change_[i] = change[i];
            gradient_[i] = gradient[i];
        }
        for (std::ptrdiff_t i = 0; i < lattice_linear; ++i) {
            estimate_.linear[i] += move_[i];
        }
        // Half a radian at the rim at most.
        const double reach = 1.0 / static_cast<double>(std::max(plan_.n_rows, plan_.n_columns));
        double largest = reach;
        for (std::ptrdiff_t i = lattice_linear; i < n_parameters; ++i) {
            largest = std::max(largest, std::fabs(move_[i]));
        }
        for (std::ptrdiff_t i = lattice_linear; i < n_parameters; ++i) {
            move_[i] *= reach / largest;
            estimate_.waves.at[i - lattice_linear] += move_[i];
        }
        return length / mean_;  // weights are the mean over the expected counts
    }

    const LatticeFitPlan& plan_;
    double mean_;
    LatticeEstimate& estimate_;
    const LatticeScratch& s_;
    const InferenceKernels& kernels_;
    double gradient_[lattice_parameters] = {};  // of the last step, what the normal equations made of it, and the step
    double change_[lattice_parameters] = {};
    double move_[lattice_parameters] = {};
};

}  // namespace

void write_field_tables(const LatticeFitPlan& plan, const LatticeScratch& s) {
    const auto write = [](const AxisTables& tables, std::ptrdiff_t n) {
        for (std::ptrdiff_t f = 0; f < axis_field; ++f) {
            for (std::ptrdiff_t i = 0; i < n; ++i) {
                const double value =
                    sincos_double(pi * static_cast<double>(f) * (static_cast<double>(i) + 0.5) / static_cast<double>(n)).cos;
                tables.values[f * n + i] = value;
                tables.turned[i * axis_functions + f] = value;
            }
        }
    };
    write(s.x, plan.n_columns);
    write(s.y, plan.n_rows);
}

void fit_lattice(const LatticeFitPlan& plan, double mean, LatticeEstimate& estimate, const LatticeScratch& s,
                 const InferenceKernels& kernels) {
    Fit(plan, mean, estimate, s, kernels).run();
}

}  // namespace nanotilt
