// One row of an image after another: rates, what is seen of them, counts.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../../base/stop.hpp"
#include "../../scenes/scattering/truths.hpp"
#include "../counting.hpp"
#include "grains.hpp"
#include "rows.hpp"
#include "seen.hpp"
#include "surroundings.hpp"
#include "terms.hpp"

namespace nanotilt {
namespace {

/// Where the outputs of one sample go; null where one is not asked for.
struct ScatteringOutputs {
    float* views;
    void* const* truths;

    template <class T>
    [[nodiscard]] T* of(ScatteringTruth truth) const {
        return static_cast<T*>(truths[truth]);
    }
};

/// Counts that are there without any light, for each pixel of 75 um.
inline constexpr double dark_counts = 0.002;

/// A pixel counts so much at most.
inline constexpr float full_pixel = 65535.0F;

inline constexpr float one_over_log = 0.0901684400555602F;  // 1 / log(65536)

/// What an image needs beside its terms.
struct ImagePlan {
    double beam_x, beam_y;  // in pixels, from the frame's corner
    float level;            // of the background, for each pixel
    float spread;           // standard deviation of that
    float dark;
    bool sums;  // whether signal-to-noise ratios are asked for
    bool legacy;
};

inline void prepare_grains(Terms& terms, GrainRows& grains) {
    ScatteringScratch& s = terms.s;
    const std::ptrdiff_t each = grain_columns + normals_per_group;
    float* const first = s.grain_rows + static_cast<std::ptrdiff_t>(5 * terms.n_grains++) * each;
    for (int i = 0; i < 4; ++i) {
        grains.rows[i] = first + i * each;
    }
    grains.sum = first + 4 * each;
    grains.next = 0;
}

/// Rows of memory for all that is looked at of a term.
inline void prepare_rows(Terms& terms, const ImagePlan& image) {
    for (int k = 0; k < terms.n; ++k) {
        ScatterTerm& term = terms.s.terms[k];
        const TermTags tags = tags_of(term);
        term.all = terms.row();
        if (image.sums) {
            term.even = tags.uneven >= 0 || tags.fold >= 0 ? terms.row() : nullptr;
            term.higher = tags.higher ? terms.row() : nullptr;
            // Rings of spots ask for both.
            term.even = term.shape == TermShape::spots && term.even == nullptr ? terms.row() : term.even;
        }
        term.threshold = static_cast<float>(legacy_rule(term).threshold * terms.area.counts);
        if (term.shape == TermShape::grains) {
            prepare_grains(terms, term.grains);
        }
    }
}

inline ImagePlan image_of(const Plan& plan, const ParticlePlan& particle, const DrawnScattering& d, const ScatteringOutputs& out) {
    const AreaPlan& area = *plan.area;
    ImagePlan image{};
    image.beam_x = d.run.x * area.n_pixels;
    image.beam_y = d.run.y * area.n_pixels;
    double level = 0.0;
    double variance = 0.0;
    for (const DrawnConstant& constant : d.constants) {
        if (constant.on) {
            level += constant.mean;
            variance += constant.std * constant.std;
        }
    }
    if (d.calibration) {
        level = 0.01 * d.calibration_counts;
        variance = 0.4 * level * 0.4 * level;
    }
    image.level = static_cast<float>(level * area.counts);
    image.spread = static_cast<float>(std::sqrt(variance) * area.noise);
    image.dark = static_cast<float>(dark_counts * area.counts);
    image.legacy = particle.scattering->legacy && out.of<std::uint8_t>(tags_truth) != nullptr;
    image.sums = out.of<float>(snr_truth) != nullptr || (out.of<std::uint8_t>(tags_truth) != nullptr && !image.legacy);
    return image;
}

/// The mean of the background as it was compared with in 2017.
inline double background_of(const AreaPlan& area, const DrawnScattering& d) {
    double mean = d.constants[1].on ? d.constants[1].mean : 0.0;
    mean += d.smooth ? d.smooth_mean : 0.0;
    for (const DrawnWindow& window : d.windows) {
        mean += window.on ? 0.2 * window.amplitude : 0.0;
    }
    return mean * area.counts;
}

/// Expected counts of a row before stop and noise, all terms of it, into s.rate.
inline void write_rates(const PixelRow& row, const StreamPosition& at, const DrawnScattering& d, const ImagePlan& image,
                        Terms& terms, GrainRows& smooth) {
    const ScatteringScratch& s = row.s;
    float* __restrict rate = s.rate;
    const float beam = s.beam_y[row.number];
    for (std::ptrdiff_t i = 0; i < row.width; ++i) {
        rate[i] = image.level + beam * s.beam_x[i];
    }
    for (std::size_t i = 0; i < 2; ++i) {
        if (d.streaks[i].on) {
            add_product(s.streak_y[i][row.number], s.streak_x[i], row.width, rate);
        }
    }
    if (d.windows[0].on) {
        add_product(s.window_y[row.number], s.window_x, row.width, rate);
    }
    if (d.windows[1].on) {
        add_round_window(row, d.windows[1], rate);
    }
    if (d.smooth) {
        draw_grains(row, at, smooth);
        for (std::ptrdiff_t i = 0; i < row.width; i += wave_lanes) {
            store_lanes(rate + i, load_wave(rate + i) + grains_at(smooth, i));
        }
    }
    for (int k = 0; k < terms.n; ++k) {
        ScatterTerm& term = s.terms[k];
        write_term(row, at, term);
        const float* __restrict own = term.all;
        for (std::ptrdiff_t i = 0; i < row.width; ++i) {
            rate[i] += own[i];
        }
    }
}

/// One over each pixel's variance, times what is let through to it squared; 0 behind the frame's end.
inline void write_weights(const PixelRow& row, const ImagePlan& image, bool stopped, std::ptrdiff_t n_pixels) {
    const float* __restrict rate = row.s.rate;
    const float* __restrict passed = row.s.passed;
    float* __restrict weight = row.s.weight;
    const float variance = image.spread * image.spread;
    if (stopped) {
        for (std::ptrdiff_t i = 0; i < row.width; ++i) {
            const float own2 = passed[i] * passed[i];
            weight[i] = own2 / (rate[i] * passed[i] + variance * own2 + image.dark);
        }
    } else {
        for (std::ptrdiff_t i = 0; i < row.width; ++i) {
            weight[i] = 1.0F / (rate[i] + variance + image.dark);
        }
    }
    for (std::ptrdiff_t i = n_pixels; i < row.width; ++i) {
        weight[i] = 0.0F;
    }
}

/// What is expected to be counted: noise of the background, stop, dark counts, cut at a full pixel.
inline void finish_rates(const PixelRow& row, const StreamPosition& at, const DrawnScattering& d, const ImagePlan& image,
                         bool stopped, std::ptrdiff_t n_pixels) {
    const ScatteringScratch& s = row.s;
    float* __restrict rate = s.rate;
    if (image.spread > 0.0F) {
        const std::ptrdiff_t groups = s.pitch / normals_per_group;
        fill_normals(at, {{Purpose::scattering_noise, groups, s.noise, row.number * groups}});
        const float* __restrict noise = s.noise;
        for (std::ptrdiff_t i = 0; i < row.width; ++i) {
            rate[i] += image.spread * noise[i];
        }
    }
    if (d.zingers) {
        add_zingers(row, at, n_pixels, rate);
    }
    const float* __restrict passed = s.passed;
    for (std::ptrdiff_t i = 0; stopped && i < row.width; ++i) {
        rate[i] *= passed[i];
    }
    for (std::ptrdiff_t i = 0; i < row.width; ++i) {
        const float value = rate[i] + image.dark;
        const float above = value > 0.0F ? value : 0.0F;
        rate[i] = above < full_pixel ? above : full_pixel;
    }
}

/// Counts of a row, cut, into s.counts.
inline void count_pixels(const PixelRow& row, const StreamPosition& at, std::ptrdiff_t n_pixels, StopPoints& points) {
    float* __restrict out = row.s.counts;
    std::memcpy(out, row.s.rate, static_cast<std::size_t>(n_pixels) * sizeof(float));
    count(out, n_pixels, 1.0, row.area.counting, at, row.number * row.s.pitch, points);
    for (std::ptrdiff_t i = 0; i < n_pixels; ++i) {
        out[i] = out[i] < full_pixel ? out[i] : full_pixel;
    }
}

/// Counts of a row as views have them.
inline void write_view_row(const PixelRow& row, const DetectorPlan& detector, std::ptrdiff_t n_pixels, float* __restrict out) {
    const AreaPlan& area = row.area;
    const float* __restrict counts = row.s.counts;
    const float offset = detector.normalise_offset;
    const float scale = detector.normalise_scale;
    if (area.logarithm) {
        for (std::ptrdiff_t i = 0; i < n_pixels; ++i) {
            out[i] = log_float(1.0F + counts[i]) * one_over_log;
        }
        return;
    }
    for (std::ptrdiff_t i = 0; i < n_pixels; ++i) {
        out[i] = (counts[i] - offset) * scale;
    }
}

}  // namespace
}  // namespace nanotilt
