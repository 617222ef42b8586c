#include "lattice_start.hpp"

#include <algorithm>
#include <cmath>

#include "../base/elementary.hpp"

namespace nanotilt {

namespace {

/// Scales that are tried lie so far around 1; and how fine, in units of the grid of waves.
constexpr double scale_range = 0.035;
constexpr double fineness = 0.5;

WaveGrid grid_of(double wave, std::ptrdiff_t n) {
    const double spacing = pi / static_cast<double>(n);
    return {static_cast<std::ptrdiff_t>(std::ceil(wave * (1.0 + 1.1 * scale_range) / spacing)) + 2, spacing};
}

/// A Hann window without its zeros.
double window(std::ptrdiff_t i, std::ptrdiff_t n) {
    return 0.5 - 0.5 * sincos_double(2.0 * pi * static_cast<double>(i + 1) / static_cast<double>(n + 1)).cos;
}

SinCosDouble wave_at(std::ptrdiff_t j, const WaveGrid& grid, std::ptrdiff_t i, std::ptrdiff_t n) {
    const double place = static_cast<double>(i) - 0.5 * static_cast<double>(n - 1);
    return sincos_double(static_cast<double>(j) * grid.spacing * place);
}

double sum_of_squared_windows(std::ptrdiff_t n) {
    double sum = 0.0;
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        sum += window(i, n) * window(i, n);
    }
    return sum;
}

}  // namespace

LatticeStart::LatticeStart(const LatticeFitPlan& plan)
    : plan_(plan),
      wave_(4.0 * pi / std::sqrt(3.0) / plan.constant),
      x_(grid_of(wave_, plan.n_columns)),
      y_(grid_of(wave_, plan.n_rows)) {}

LatticeStart::Scratch LatticeStart::take(Arena& arena) const {
    Scratch s{};
    s.along_x = arena.take<double>(plan_.n_columns, 2 * x_.n_waves);
    s.along_y = arena.take<double>(2 * y_.n_waves, plan_.n_rows);
    s.signal = arena.take<double>(plan_.n_rows, plan_.n_columns);
    s.row_sums = arena.take<double>(plan_.n_rows, 2 * x_.n_waves);
    s.sums = arena.take<double>(2 * y_.n_waves, 2 * x_.n_waves);
    s.power = arena.take<double>(y_.n_waves, 2 * x_.n_waves - 1);
    return s;
}

void LatticeStart::write_tables(const Scratch& s) const {
    for (std::ptrdiff_t i = 0; i < plan_.n_columns; ++i) {
        const double share = window(i, plan_.n_columns);
        for (std::ptrdiff_t j = 0; j < x_.n_waves; ++j) {
            const SinCosDouble wave = wave_at(j, x_, i, plan_.n_columns);
            s.along_x[i * 2 * x_.n_waves + j] = share * wave.cos;
            s.along_x[(i * 2 + 1) * x_.n_waves + j] = share * wave.sin;
        }
    }
    for (std::ptrdiff_t i = 0; i < plan_.n_rows; ++i) {
        const double share = window(i, plan_.n_rows);
        for (std::ptrdiff_t j = 0; j < y_.n_waves; ++j) {
            const SinCosDouble wave = wave_at(j, y_, i, plan_.n_rows);
            s.along_y[j * plan_.n_rows + i] = share * wave.cos;
            s.along_y[(y_.n_waves + j) * plan_.n_rows + i] = share * wave.sin;
        }
    }
}

void LatticeStart::write_power(const Scratch& s, const InferenceKernels& kernels) const {
    const std::ptrdiff_t nx = x_.n_waves;
    const std::ptrdiff_t ny = y_.n_waves;
    kernels.multiply_matrices(s.signal, s.along_x, plan_.n_rows, plan_.n_columns, 2 * nx, s.row_sums);
    kernels.multiply_matrices(s.along_y, s.row_sums, 2 * ny, plan_.n_rows, 2 * nx, s.sums);
    for (std::ptrdiff_t l = 0; l < ny; ++l) {
        const double* cos_y = s.sums + l * 2 * nx;
        const double* sin_y = s.sums + (ny + l) * 2 * nx;
        double* middle = s.power + l * (2 * nx - 1) + nx - 1;
        for (std::ptrdiff_t j = 0; j < nx; ++j) {
            const double cc = cos_y[j];
            const double cs = cos_y[nx + j];
            const double sc = sin_y[j];
            const double ss = sin_y[nx + j];
            middle[j] = (cc - ss) * (cc - ss) + (cs + sc) * (cs + sc);
            middle[-j] = (cc + ss) * (cc + ss) + (cs - sc) * (cs - sc);
        }
    }
}

double LatticeStart::power_at(const double* power, double wave_x, double wave_y) const {
    const double x = wave_x / x_.spacing + static_cast<double>(x_.n_waves - 1);
    const double y = wave_y / y_.spacing;
    const auto column = static_cast<std::ptrdiff_t>(x);
    const auto row = static_cast<std::ptrdiff_t>(y);
    const double right = x - static_cast<double>(column);
    const double below = y - static_cast<double>(row);
    const double* at = power + row * (2 * x_.n_waves - 1) + column;
    const double* next = at + 2 * x_.n_waves - 1;
    const double above_sum = at[0] + right * (at[1] - at[0]);
    const double below_sum = next[0] + right * (next[1] - next[0]);
    return above_sum + below * (below_sum - above_sum);
}

double LatticeStart::find(const double* counts, double mean, const Scratch& s, const InferenceKernels& kernels,
                          WaveVectors& waves) const {
    for (std::ptrdiff_t i = 0; i < plan_.n_rows * plan_.n_columns; ++i) {
        s.signal[i] = counts[i] - mean;
    }
    write_power(s, kernels);
    const double finest = fineness * std::min(x_.spacing, y_.spacing) / wave_;
    const auto n_scales = static_cast<int>(std::ceil(scale_range / finest));
    const auto n_angles = static_cast<int>(std::ceil(pi / 3.0 / finest));
    double best = -1.0;
    for (int a = 0; a < n_angles; ++a) {
        const SinCosDouble first = sincos_double(pi / 3.0 * a / n_angles);
        const double half_root = 0.5 * std::sqrt(3.0);
        const SinCosDouble second{0.5 * first.sin + half_root * first.cos, 0.5 * first.cos - half_root * first.sin};
        for (int i = -n_scales; i <= n_scales; ++i) {
            const double g = wave_ * (1.0 + scale_range * i / n_scales);
            const double power = power_at(s.power, g * first.cos, g * first.sin) +
                                 power_at(s.power, g * second.cos, g * second.sin) +
                                 power_at(s.power, g * (second.cos - first.cos), g * (second.sin - first.sin));
            if (power > best) {
                best = power;
                waves = {{g * first.cos, g * first.sin, g * second.cos, g * second.sin}};
            }
        }
    }
    const double noise = 3.0 * mean * sum_of_squared_windows(plan_.n_rows) * sum_of_squared_windows(plan_.n_columns);
    return best / noise;
}

}  // namespace nanotilt
