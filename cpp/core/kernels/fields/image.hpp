// The image of a field before and after the detector: where the beam goes, the support, intensities, counts.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../../base/stop.hpp"
#include "../../instruments/scanning_camera.hpp"
#include "../../program/plan.hpp"
#include "../../scenes/field.hpp"
#include "../counting.hpp"
#include "../normals.hpp"
#include "../waves.hpp"
#include "scratch.hpp"

namespace nanotilt {
namespace {

/// The least that a beam sees of the support: 5 % of its mean, so that no dose meets nothing at all.
constexpr float least_intensity = 0.05F;

/// Places that the beam really visits, and where a straight scan would: of each row, and of each column.
inline void write_scan(const ScanPlan& scan, const StreamPosition& at, std::uint32_t frame, FieldScratch& s) {
    const PhiloxWords shared = random_words(at, Purpose::scan, drift_block, frame);
    const auto [drift_x, drift_y] = two_normals(shared.w[0], shared.w[1]);
    const double phase = uniform_of(shared.w[2]);
    const int n = scan.n_pixels;
    for (int row = 0; row < n; ++row) {
        const double time = (row + 0.5) / n - 0.5;
        double x = scan.drift * drift_x * time;
        if (scan.jitter > 0.0) {
            const PhiloxWords words = random_words(at, Purpose::scan, static_cast<std::uint32_t>(row), frame);
            x += scan.jitter * two_normals(words.w[0], words.w[1])[0];
        }
        if (scan.mains > 0.0) {
            const double turn = row / scan.mains_rows + phase;
            x += scan.mains * sincos_double(2.0 * pi * (turn - std::floor(turn))).sin;
        }
        s.row_x[row] = static_cast<float>(x);
        s.row_y[row] = static_cast<float>(scan.drift * drift_y * time);
    }
    for (int column = 0; column < s.pitch; ++column) {
        const double pulled = scan.flyback == 0.0 ? 0.0 : scan.flyback * exp_double(-column / scan.flyback_columns);
        s.column_x[column] = static_cast<float>(column + 0.5 + pulled);
        s.straight_x[column] = static_cast<float>(column) + 0.5F;
    }
}

/// Tables of a support's waves: k ~ N(0, 1 / length) in both directions, random phases.
inline void write_waves(const FieldPlan& field, const StreamPosition& at, int n, FieldScratch& s) {
    const double amplitude = field.texture_rms * std::sqrt(2.0 / waves_of_texture);
    for (int m = 0; m < waves_of_texture; ++m) {
        const PhiloxWords words = random_words(at, Purpose::texture, static_cast<std::uint32_t>(m));
        const auto [kx, ky] = two_normals(words.w[0], words.w[1]);
        const auto step_x = static_cast<float>(kx / field.texture_length);
        const auto step_y = static_cast<float>(ky / field.texture_length);
        const auto phase = static_cast<float>(2.0 * pi * uniform_of(words.w[2]));
        float* __restrict cos_x = s.wave_cos_x + static_cast<std::ptrdiff_t>(m) * s.pitch;
        float* __restrict sin_x = s.wave_sin_x + static_cast<std::ptrdiff_t>(m) * s.pitch;
        for (int x = 0; x < padded(n); ++x) {
            const SinCos wave = sincos_float(step_x * static_cast<float>(x));
            cos_x[x] = wave.cos;
            sin_x[x] = wave.sin;
        }
        float* __restrict cos_y = s.wave_cos_y + static_cast<std::ptrdiff_t>(m) * s.pitch;
        float* __restrict sin_y = s.wave_sin_y + static_cast<std::ptrdiff_t>(m) * s.pitch;
        const auto size = static_cast<float>(amplitude);
        for (int y = 0; y < padded(n); ++y) {  // beyond the last row, too, where rows are made together
            const SinCos wave = sincos_float(step_y * static_cast<float>(y) + phase);
            cos_y[y] = size * wave.cos;
            sin_y[y] = -size * wave.sin;
        }
    }
}

/// exp(-x), x held within +-16: what is thicker lets nothing through, and a contrast below 0 has to stay finite.
inline float weakened(float x) {
    constexpr double most = 16.0;
    const auto exponent = static_cast<double>(x);
    const double below = exponent < most ? exponent : most;
    return static_cast<float>(exp_of_minus(below > -most ? below : -most));
}

/// The intensity before blur, n x n, in s.plain.
inline void write_intensity(const FieldPlan& field, const ScanPlan& scan, const StreamPosition& at, FieldScratch& s,
                            StopPoints& points) {
    const int n = scan.n_pixels;
    const PhiloxWords words = random_words(at, Purpose::field, ramp_block);
    const auto [across, down] = two_normals(words.w[0], words.w[1]);
    const double step_x = field.ramp_std * across / n;
    const double step_y = field.ramp_std * down / n;
    const bool weakens = scan.mode == ScanMode::bright_field;
    for (int row = 0; row < n; ++row) {
        const int within = row % rows_together;
        if (within == 0) {
            Ramp ramp{{}, static_cast<float>(step_x)};
            for (int r = 0; r < rows_together; ++r) {
                ramp.start[r] = static_cast<float>(1.0 + step_y * (row + r + 0.5 - 0.5 * n) - step_x * 0.5 * n);
            }
            const WaveTables waves{s.wave_cos_x, s.wave_sin_x, s.wave_cos_y, s.wave_sin_y, s.straight_x, s.pitch};
            add_up_waves(waves, field.texture_rms > 0.0 ? waves_of_texture : 0, n, row, ramp, s.support);
        }
        const float* __restrict support = s.support + within * s.pitch;
        const float* __restrict bodies = s.bodies_image + static_cast<std::ptrdiff_t>(row) * s.pitch;
        float* __restrict out = s.plain + static_cast<std::ptrdiff_t>(row) * n;
        if (weakens) {
            for (int i = 0; i < n; ++i) {
                out[i] = support[i] * weakened(bodies[i]);
            }
        } else {
            for (int i = 0; i < n; ++i) {
                out[i] = support[i] + bodies[i];
            }
        }
        if (points.stop_after(8 * n)) {
            return;
        }
    }
}

/// Electrons that one frame's pixels get, of a background of 1; 0: no counting.
inline double dose_of(const ScanPlan& scan, const StreamPosition& at) {
    if (scan.dose[1] == 0.0) {
        return 0.0;
    }
    const double uniform = uniform_of(random_words(at, Purpose::field, choices_block).w[0]);
    return scan.dose[0] * exp_double(uniform * log_double(scan.dose[1] / scan.dose[0]));
}

/// What the detector makes of the intensities in `values`: counts, readout, saturation, steps.
inline void detect_scan(const ScanPlan& scan, const StreamPosition& at, double dose, std::uint32_t frame, float* values,
                        StopPoints& points) {
    const std::ptrdiff_t size = scan.frame_values();
    const std::ptrdiff_t first = static_cast<std::ptrdiff_t>(frame) * size;
    if (dose > 0.0) {
        count(values, size, dose, scan.counting, at, first, points);
    }
    if (scan.readout_noise > 0.0F) {
        const double electrons = dose > 0.0 ? dose : 1.0;
        add_readout(at, first, size, static_cast<float>(static_cast<double>(scan.readout_noise) / electrons), values);
    }
    if (scan.saturation > 0.0F) {
        for (std::ptrdiff_t i = 0; i < size; ++i) {
            const float value = values[i] < scan.saturation ? values[i] : scan.saturation;
            values[i] = value > 0.0F ? value : 0.0F;
        }
    }
    if (scan.n_levels > 0) {
        const auto steps = static_cast<float>(scan.n_levels - 1);
        const float to_steps = steps / scan.saturation;
        for (std::ptrdiff_t i = 0; i < size; ++i) {
            values[i] = std::floor(values[i] * to_steps + 0.5F) * (scan.saturation / steps);
        }
    }
}

}  // namespace
}  // namespace nanotilt
