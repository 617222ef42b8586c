// A field of bodies as a scanning camera sees it, and what is true of it: bodies placed, drawn row by row, support, blur, counts.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../base/stop.hpp"
#include "../geometry/labels.hpp"
#include "../instruments/scan_mask.hpp"
#include "../instruments/scanning_camera.hpp"
#include "../program/plan.hpp"
#include "../scenes/field.hpp"
#include "../scenes/field_motion.hpp"
#include "../scenes/field_truths.hpp"
#include "counting.hpp"
#include "field_bodies.hpp"
#include "field_scratch.hpp"
#include "images.hpp"
#include "normals.hpp"

namespace nanotilt {
namespace {

/// The least that a beam sees of the support: 5 % of its mean, so that no dose meets nothing at all.
constexpr float least_intensity = 0.05F;

/// Where one frame's outputs go; null where one is not asked for.
struct FrameOutputs {
    float* views;
    void* truths[n_field_truths];

    template <typename T>
    [[nodiscard]] T* of(FieldTruth truth) const {
        return static_cast<T*>(truths[truth]);
    }
    [[nodiscard]] bool needs_labels() const {
        for (int i = instance_truth; i <= n_table_truth; ++i) {
            if (truths[i] != nullptr) {
                return true;
            }
        }
        return false;
    }
    [[nodiscard]] bool needs_image() const { return views != nullptr || truths[clean_truth] != nullptr; }
};

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
        for (int x = 0; x < s.pitch; ++x) {
            const SinCos wave = sincos_float(step_x * static_cast<float>(x));
            cos_x[x] = wave.cos;
            sin_x[x] = wave.sin;
        }
        float* __restrict cos_y = s.wave_cos_y + static_cast<std::ptrdiff_t>(m) * s.pitch;
        float* __restrict sin_y = s.wave_sin_y + static_cast<std::ptrdiff_t>(m) * s.pitch;
        const auto size = static_cast<float>(amplitude);
        for (int y = 0; y < n; ++y) {
            const SinCos wave = sincos_float(step_y * static_cast<float>(y) + phase);
            cos_y[y] = size * wave.cos;
            sin_y[y] = -size * wave.sin;
        }
    }
}

/// One row of the support into `out`: 1, a ramp, and waves.
inline void write_support_row(const FieldPlan& field, const FieldScratch& s, int row, float ramp_start, float ramp_step,
                              float* __restrict out) {
    const bool textured = field.texture_rms > 0.0;
    for (std::ptrdiff_t begin = 0; begin < s.pitch; begin += lane_count) {
        alignas(64) float sum[lane_count];
        for (int i = 0; i < lane_count; ++i) {
            sum[i] = ramp_start + ramp_step * s.straight_x[begin + i];
        }
        for (int m = 0; textured && m < waves_of_texture; ++m) {
            const float a = s.wave_cos_y[static_cast<std::ptrdiff_t>(m) * s.pitch + row];
            const float b = s.wave_sin_y[static_cast<std::ptrdiff_t>(m) * s.pitch + row];
            const float* __restrict cos_x = s.wave_cos_x + static_cast<std::ptrdiff_t>(m) * s.pitch + begin;
            const float* __restrict sin_x = s.wave_sin_x + static_cast<std::ptrdiff_t>(m) * s.pitch + begin;
            for (int i = 0; i < lane_count; ++i) {
                sum[i] += a * cos_x[i] + b * sin_x[i];
            }
        }
        for (int i = 0; i < lane_count; ++i) {
            out[begin + i] = sum[i];
        }
    }
}

/// exp(-x) for x >= -16, as far as 16.
inline float weakened(float x) {
    const double within = static_cast<double>(x) < 16.0 ? static_cast<double>(x) : 16.0;
    return static_cast<float>(exp_of_minus(within));
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
        const double start = 1.0 + step_y * (row + 0.5 - 0.5 * n) - step_x * 0.5 * n;
        write_support_row(field, s, row, static_cast<float>(start), static_cast<float>(step_x), s.support_row);
        const float* __restrict support = s.support_row;
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

/// Readout noise of so many electrons, in units of the background.
inline void add_readout(const StreamPosition& at, std::ptrdiff_t first_value, std::ptrdiff_t n, float strength, float* values) {
    alignas(64) float normals[normals_per_group];
    for (std::ptrdiff_t done = 0; done < n;) {
        const std::ptrdiff_t group = (first_value + done) / normals_per_group;
        const std::ptrdiff_t slot = (first_value + done) % normals_per_group;
        const std::ptrdiff_t room = normals_per_group - slot;
        const std::ptrdiff_t count = n - done < room ? n - done : room;
        fill_normals(at, {{Purpose::noise, 1, normals, group}});
        for (std::ptrdiff_t i = 0; i < count; ++i) {
            values[done + i] += strength * normals[slot + i];
        }
        done += count;
    }
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

/// What of each body can be seen.
inline void look(const ScanPlan& scan, const BodySet& set, FieldScratch& s) {
    const std::int32_t n = scan.n_pixels;
    for (int i = 0; i < set.count; ++i) {
        s.seen[i] = {0, n, n, 0, 0};
    }
    for (std::int32_t row = 0; row < n; ++row) {
        const std::int32_t* owners = s.owner + static_cast<std::ptrdiff_t>(row) * s.pitch;
        for (std::int32_t column = 0; column < n;) {
            const std::int32_t own = owners[column];
            const std::int32_t first = column;
            while (column < n && owners[column] == own) {
                ++column;
            }
            if (own != 0) {
                Seen& seen = s.seen[own - 1];
                seen.n += column - first;
                seen.left = first < seen.left ? first : seen.left;
                seen.right = column > seen.right ? column : seen.right;
                seen.top = row < seen.top ? row : seen.top;
                seen.bottom = row + 1;
            }
        }
    }
}

/// Masks of one frame from s.owner and s.depth, whose rows are `pitch` apart.
inline void write_masks(const ScanPlan& scan, const BodySet& set, const FrameOutputs& out, FieldScratch& s, StopPoints& points) {
    const std::ptrdiff_t n = scan.n_pixels;
    auto* instance = out.of<std::int16_t>(instance_truth);
    auto* semantic = out.of<std::uint8_t>(semantic_truth);
    auto* depth = out.of<float>(depth_truth);
    for (std::ptrdiff_t row = 0; row < n; ++row) {
        const std::int32_t* owners = s.owner + row * s.pitch;
        if (instance != nullptr) {
            for (std::ptrdiff_t i = 0; i < n; ++i) {
                instance[row * n + i] = owners[i] == 0 ? std::int16_t{0} : static_cast<std::int16_t>(set.bodies[owners[i] - 1].id);
            }
        }
        if (semantic != nullptr) {
            for (std::ptrdiff_t i = 0; i < n; ++i) {
                const std::int32_t kind = owners[i] == 0 ? 0 : 1 + set.bodies[owners[i] - 1].kind;
                semantic[row * n + i] = static_cast<std::uint8_t>(kind);
            }
        }
        if (depth != nullptr) {
            std::memcpy(depth + row * n, s.depth + row * s.pitch, static_cast<std::size_t>(n) * sizeof(float));
        }
    }
    if (auto* to = out.of<std::uint8_t>(boundary_truth)) {
        mark_boundary(s.owner, n, s.pitch, to);
    }
    if (auto* to = out.of<float>(distance_truth)) {
        measure_distance(s.owner, n, s.pitch, reinterpret_cast<std::int32_t*>(s.plain), to, points);
    }
    if (auto* to = out.of<float>(rays_truth)) {
        measure_rays(s.owner, n, s.pitch, to, points);
    }
}

/// Lists of one frame's bodies.
inline void write_lists(const FieldPlan& field, const ScanPlan& scan, const BodySet& set, const FrameOutputs& out,
                        FieldScratch& s) {
    look(scan, set, s);
    if (auto* to = out.of<float>(centres_truth)) {
        std::memset(to, 0, static_cast<std::size_t>(scan.frame_values()) * sizeof(float));
        for (int i = 0; i < set.count; ++i) {
            if (s.seen[i].n > 0) {
                raise_centre(set.bodies[i].x, set.bodies[i].y, set.bodies[i].radius, scan.n_pixels, to);
            }
        }
    }
    std::int32_t n = 0;
    for (int i = 0; i < set.count; ++i) {
        n += static_cast<std::int32_t>(s.seen[i].n > 0);
    }
    if (auto* to = out.of<float>(boxes_truth)) {
        write_boxes(set, s.seen, to);
    }
    if (auto* to = out.of<float>(table_truth)) {
        write_table(field, set, s.seen, scan.n_pixels, to);
    }
    for (const FieldTruth truth : {n_boxes_truth, n_table_truth}) {
        if (auto* to = out.of<std::int32_t>(truth)) {
            std::memcpy(to, &n, sizeof n);
        }
    }
}

/// One frame of bodies whose places are known.
inline void scan_frame(const Plan& plan, const FieldPlan& field, const StreamPosition& at, double dose, std::uint32_t frame,
                       const BodySet& set, const FrameOutputs& out, FieldScratch& s, StopPoints& points) {
    const ScanPlan& scan = *plan.scan;
    const std::ptrdiff_t n = scan.n_pixels;
    const bool labels = out.needs_labels();
    const bool image = out.needs_image();
    write_scan(scan, at, frame, s);
    const auto dark = [&](const Body& body) { return is_dark(field, at, frame, body); };
    const bool together = labels && image && !scan.true_labels;
    if (image || together) {
        draw_bodies(field, scan, set, {s.column_x, s.row_x, s.row_y}, image, together, dark, s, points);
    }
    if (labels && !together) {
        const bool straight = scan.true_labels;
        draw_bodies(field, scan, set,
                    {straight ? s.straight_x : s.column_x, straight ? s.no_shift : s.row_x, straight ? s.no_shift : s.row_y}, false,
                    true, dark, s, points);
    }
    if (image) {
        write_intensity(field, scan, at, s, points);
        float* values = s.plain;
        if (plan.detector.blur_weights.size() > 1) {
            blur_rows(s.plain, n, n, plan.detector.blur_weights, s.row, s.blurred, s.other, points);
            blur_columns(s.other, n, plan.detector.blur_weights, s.plain, points);
        }
        for (std::ptrdiff_t i = 0; i < n * n; ++i) {
            values[i] = values[i] > least_intensity ? values[i] : least_intensity;
        }
        if (auto* to = out.of<float>(clean_truth)) {
            std::memcpy(to, values, static_cast<std::size_t>(n * n) * sizeof(float));
        }
        if (out.views != nullptr) {
            detect_scan(scan, at, dose, frame, values, points);
            const float offset = plan.detector.normalise_offset;
            const float scale = plan.detector.normalise_scale;
            for (std::ptrdiff_t i = 0; i < n * n; ++i) {
                out.views[i] = (values[i] - offset) * scale;
            }
        }
    }
    auto* scanned = out.of<std::uint8_t>(scanned_truth);
    const bool part = scan.scan != ScanKind::all && out.views != nullptr;
    if (scanned != nullptr || part) {
        write_scan_mask(scan.scan, scan.fraction, n, at, frame, s.mask);
        if (scanned != nullptr) {
            std::memcpy(scanned, s.mask, static_cast<std::size_t>(n * n));
        }
        for (std::ptrdiff_t i = 0; part && i < n * n; ++i) {
            out.views[i] = zero_unless(s.mask[i] != 0, out.views[i]);
        }
    }
    if (labels) {
        write_masks(scan, set, out, s, points);
        write_lists(field, scan, set, out, s);
    }
}

/// All frames of one sample whose class is known. `truths`: of this sample, in the order of FieldTruth.
inline void scan_field(const Plan& plan, const ParticlePlan& particle, const StreamPosition& at, float* views, void* const* truths,
                       FieldScratch& s, StopPoints& points) {
    const ScanPlan& scan = *plan.scan;
    const FieldPlan& field = *particle.field;
    const double dose = dose_of(scan, at);
    BodySet set{s.bodies, 0, field.max_bodies, field.max_bodies + 1};
    place_bodies(field, at, scan.n_pixels, set, s);
    Lineage lineage{s.merges, 0, field.max_bodies};
    write_waves(field, at, scan.n_pixels, s);
    for (int frame = 0; frame < scan.n_frames; ++frame) {
        if (frame > 0 && field.moves()) {
            advance(field, at, scan.n_pixels, static_cast<std::uint32_t>(frame), set, lineage);
        }
        FrameOutputs out{views == nullptr ? nullptr : views + frame * scan.frame_values(), {}};
        for (int i = 0; i < dose_truth; ++i) {
            if (truths[i] != nullptr) {
                const std::size_t bytes = particle.truth_bytes[static_cast<std::size_t>(i)];
                out.truths[i] = static_cast<char*>(truths[i]) + static_cast<std::size_t>(frame) * bytes;
            }
        }
        scan_frame(plan, field, at, dose, static_cast<std::uint32_t>(frame), set, out, s, points);
        if (points.stop_after(scan.frame_values())) {
            return;
        }
    }
    if (truths[dose_truth] != nullptr) {
        const auto told = static_cast<float>(dose);
        std::memcpy(truths[dose_truth], &told, sizeof told);
    }
    if (truths[lineage_truth] != nullptr) {
        auto* to = static_cast<std::int32_t*>(truths[lineage_truth]);
        std::memset(to, 0, static_cast<std::size_t>(field.max_bodies) * sizeof(Merge));
        std::memcpy(to, lineage.merges, static_cast<std::size_t>(lineage.count) * sizeof(Merge));
    }
    if (truths[n_lineage_truth] != nullptr) {
        const std::int32_t n = lineage.count;
        std::memcpy(truths[n_lineage_truth], &n, sizeof n);
    }
}

}  // namespace
}  // namespace nanotilt
