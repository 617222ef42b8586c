// What is around a sample: the direct beam, background, streaks, the beam stop, an edge, zingers.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../../scenes/scattering/draws.hpp"
#include "rows.hpp"
#include "terms.hpp"

namespace nanotilt {
namespace {

/// A Gaussian's mean over each pixel, times a height, at n places in pixels.
inline void write_gaussian(const float* __restrict x, std::ptrdiff_t n, double sigma_px, double height, float* __restrict out) {
    if (sigma_px < 1.0) {
        const auto inverse = static_cast<float>(1.0 / sigma_px);
        const auto scale = static_cast<float>(height * sigma_px * std::sqrt(2.0 * pi));
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            out[i] = scale * (normal_share((x[i] + 0.5F) * inverse) - normal_share((x[i] - 0.5F) * inverse));
        }
        return;
    }
    const double std = std::sqrt(sigma_px * sigma_px + 1.0 / 12.0);
    const auto inverse = static_cast<float>(1.0 / std);
    const auto scale = static_cast<float>(height * sigma_px / std);
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        const float z = x[i] * inverse;
        out[i] = scale * exp_float(-0.5F * (z * z));
    }
}

/// A box of half width `size` about `middle`, its sides blurred.
inline void write_box(const float* __restrict x, std::ptrdiff_t n, double middle, double size, double blur, double height,
                      float* __restrict out) {
    const auto from = static_cast<float>(middle - size);
    const auto to = static_cast<float>(middle + size);
    const auto inverse = static_cast<float>(1.0 / blur);
    const auto scale = static_cast<float>(height);
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        out[i] = scale * (normal_share((x[i] - from) * inverse) - normal_share((x[i] - to) * inverse));
    }
}

/// All that is the same for a row's or a column's pixels. `y`: rows' places from the beam, as s.x are columns'.
inline void write_separable(const AreaPlan& area, const DrawnScattering& d, const float* y, ScatteringScratch& s) {
    constexpr double fwhm = 2.3548200450309493;
    const std::ptrdiff_t n = s.pitch;
    const double unit = area.pixels_per_length;
    write_gaussian(s.x, n, d.run.beam_x * unit / fwhm, d.beam_counts * area.counts, s.beam_x);
    write_gaussian(y, n, d.run.beam_y * unit / fwhm, 1.0, s.beam_y);
    const double pixel = area.k * area.tangent;
    for (std::size_t i = 0; i < 2; ++i) {
        const DrawnStreak& streak = d.streaks[i];
        if (streak.on) {
            const double along = std::sqrt(0.5 * streak.along) / pixel;
            const double across = std::sqrt(0.5 * streak.across) / pixel;
            write_gaussian(s.x, n, i == 0 ? along : across, streak.amplitude * area.counts, s.streak_x[i]);
            write_gaussian(y, n, i == 0 ? across : along, 1.0, s.streak_y[i]);
        }
    }
    const DrawnWindow& window = d.windows[0];
    if (window.on) {
        write_box(s.x, n, window.x * unit, window.size * unit, window.blur * unit, window.amplitude * area.counts, s.window_x);
        write_box(y, n, window.y * unit, window.size * unit, window.blur * unit, 1.0, s.window_y);
    }
    if (d.run.stopped && d.run.stop == PartKind::linear_stop) {
        const double blur = d.run.stop_blur * unit;
        write_box(s.x, n, 0.0, d.run.half_width * unit, blur, 1.0, s.stop_x);
        const auto from = static_cast<float>(-d.run.stop_length * unit);
        const auto inverse = static_cast<float>(1.0 / blur);
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            s.stop_y[i] = normal_share((y[i] - from) * inverse);
        }
    }
}

/// What an edge lets through, over the radius.
inline void write_edge(const AreaPlan& area, const DrawnRun& run, float* table) {
    const auto from = static_cast<float>(run.edge_q);
    const auto inverse = static_cast<float>(1.0 / run.edge_width);
    const float* q = q_entries(area);
    for (std::ptrdiff_t i = 0; i < area.n_table; ++i) {
        const float z = (q[i] - from) * inverse;
        const float bounded = z < 80.0F ? z : 80.0F;
        table[i] = 1.0F / (1.0F + exp_float(bounded));
    }
}

/// The stop's part that is no product of rows and columns: distances from its rim become what it lets through. Whether any pixel
/// of the row is behind it.
inline bool write_slanted_stop(const PixelRow& row, const DrawnRun& run, float* __restrict passed) {
    constexpr double stem = 0.034920769491747734;  // tan of 2 degrees
    constexpr float clear = 5.0F;                  // standard deviations from the rim
    const double unit = row.area.pixels_per_length;
    const double blur = run.stop_blur * unit;
    const SinCosDouble direction = sincos_double(run.stop_angle);
    const auto cosine = static_cast<float>(direction.cos / blur);
    const auto sine = static_cast<float>(direction.sin / blur);
    const WaveLanes far = WaveLanes{} + 1e3F;
    WaveLanes nearest = far;
    if (run.stop == PartKind::round_stop) {
        const auto y = static_cast<float>(row.y);
        const auto tangent = static_cast<float>(stem);
        const auto radius = static_cast<float>(run.half_width * unit / blur);
        const auto of_radius = static_cast<float>(1.0 / (table_steps * blur));
        for (std::ptrdiff_t i = 0; i < row.width; i += wave_lanes) {
            const WaveLanes x = load_wave(row.s.x + i);
            const WaveLanes along = x * sine + y * cosine;
            const WaveLanes across = magnitude_lanes(x * cosine - y * sine);
            const WaveLanes from_disc = load_wave(row.s.radius + i) * of_radius - radius;
            const WaveLanes from_stem = along > WaveLanes{} ? across - tangent * along : far;
            const WaveLanes distance = smaller_lanes(from_disc, from_stem);
            nearest = smaller_lanes(nearest, distance);
            store_lanes(passed + i, distance);
        }
    } else {
        const SinCosDouble half = sincos_double(run.wedge);
        const auto cos_half = static_cast<float>(half.cos);
        const auto sin_half = static_cast<float>(half.sin);
        const double apex = run.stop_length * unit;
        const auto y = static_cast<float>(row.y - apex * direction.cos);
        const auto apex_x = static_cast<float>(apex * direction.sin);
        for (std::ptrdiff_t i = 0; i < row.width; i += wave_lanes) {
            const WaveLanes x = load_wave(row.s.x + i) - apex_x;
            const WaveLanes along = x * sine + y * cosine;
            const WaveLanes across = magnitude_lanes(x * cosine - y * sine);
            const WaveLanes distance = across * cos_half - along * sin_half;
            nearest = smaller_lanes(nearest, distance);
            store_lanes(passed + i, distance);
        }
    }
    float least = clear;
    for (int i = 0; i < wave_lanes; ++i) {
        least = nearest[i] < least ? nearest[i] : least;
    }
    if (least >= clear) {
        return false;
    }
    for (std::ptrdiff_t i = 0; i < row.width; ++i) {
        passed[i] = normal_share(passed[i]);
    }
    return true;
}

/// What stop and edge let through to a row's pixels, into s.passed. False: all.
inline bool write_passed(const PixelRow& row, const DrawnRun& run) {
    float* __restrict passed = row.s.passed;
    bool any = false;
    if (run.stopped && run.stop == PartKind::linear_stop) {
        const float covered = row.s.stop_y[row.number];
        any = covered > 1e-7F;
        for (std::ptrdiff_t i = 0; any && i < row.width; ++i) {
            passed[i] = 1.0F - covered * row.s.stop_x[i];
        }
    } else if (run.stopped) {
        any = write_slanted_stop(row, run, passed);
    }
    if (run.cut) {
        const float* table = row.s.edge + table_margin;
        for (std::ptrdiff_t i = 0; i < row.width; i += wave_lanes) {
            const WaveLanes own = looked_up(table, row.s.radius + i);
            store_lanes(passed + i, any ? own * load_wave(passed + i) : own);
        }
        any = true;
    }
    return any;
}

inline void add_product(float of_row, const float* __restrict of_column, std::ptrdiff_t n, float* __restrict out) {
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        out[i] += of_row * of_column[i];
    }
}

inline void add_round_window(const PixelRow& row, const DrawnWindow& window, float* __restrict out) {
    const double unit = row.area.pixels_per_length;
    const double up = row.y - window.y * unit;
    const auto y2 = static_cast<float>(up * up);
    const auto middle = static_cast<float>(window.x * unit);
    const auto size = static_cast<float>(window.size * unit);
    const auto inverse = static_cast<float>(1.0 / (window.blur * unit));
    const auto height = static_cast<float>(window.amplitude * row.area.counts);
    const float* __restrict x = row.s.x;
    for (std::ptrdiff_t i = 0; i < row.width; ++i) {
        const float across = x[i] - middle;
        out[i] += height * normal_share((size - std::sqrt(across * across + y2)) * inverse);
    }
}

/// Fills pixels: each zinger is in one, however large it is. A strip of the frame is one pixel of 75 um high.
inline void add_zingers(const PixelRow& row, const StreamPosition& at, std::ptrdiff_t n_pixels, float* rate) {
    constexpr float full = 262144.0F;  // 2^18
    const double unit = row.area.pixels_per_length;
    const double mean = zingers_per_pixel * static_cast<double>(n_pixels) / unit;
    const double top = static_cast<double>(row.number) / unit;
    const double bottom = static_cast<double>(row.number + 1) / unit;
    for (auto strip = static_cast<int>(top); strip < bottom; ++strip) {
        const Zingers zingers = draw_zingers(at, strip, mean);
        for (int i = 0; i < zingers.n; ++i) {
            const double y = strip + zingers.y[static_cast<std::size_t>(i)];
            if (y >= top && y < bottom) {
                const auto column =
                    static_cast<std::ptrdiff_t>(zingers.x[static_cast<std::size_t>(i)] * static_cast<double>(n_pixels));
                rate[column < n_pixels ? column : n_pixels - 1] += full;
            }
        }
    }
}

}  // namespace
}  // namespace nanotilt
