// A field of bodies as a scanning camera sees it, and what is true of it: bodies placed, drawn row by row, support, blur, counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../../base/stop.hpp"
#include "../../geometry/labels.hpp"
#include "../../instruments/scan_mask.hpp"
#include "../../instruments/scanning_camera.hpp"
#include "../../program/plan.hpp"
#include "../../scenes/field.hpp"
#include "../../scenes/field_motion.hpp"
#include "../../scenes/field_truths.hpp"
#include "../images.hpp"
#include "../philox_group.hpp"
#include "bodies.hpp"
#include "image.hpp"
#include "placing.hpp"
#include "scratch.hpp"

namespace nanotilt {
namespace {

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
    /// Whether something is asked for that goes by what of each body can be seen.
    [[nodiscard]] bool needs_lists() const {
        for (const FieldTruth truth : {centres_truth, boxes_truth, n_boxes_truth, table_truth, n_table_truth}) {
            if (truths[truth] != nullptr) {
                return true;
            }
        }
        return false;
    }
    [[nodiscard]] bool needs_image() const { return views != nullptr || truths[clean_truth] != nullptr; }
};

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
    const InstanceMap map{s.owner, n, n, s.pitch};
    if (auto* to = out.of<std::uint8_t>(boundary_truth)) {
        mark_boundary(map, to);
    }
    if (auto* to = out.of<float>(distance_truth)) {
        auto* heights = reinterpret_cast<std::int32_t*>(s.plain);
        measure_distance(map, heights, reinterpret_cast<std::int32_t*>(s.other), to, points);
    }
    if (auto* to = out.of<float>(rays_truth)) {
        measure_rays(map, to, points);
    }
}

/// Lists of one frame's bodies.
inline void write_lists(const FieldPlan& field, const ScanPlan& scan, const BodySet& set, const FrameOutputs& out,
                        FieldScratch& s) {
    if (!out.needs_lists()) {
        return;
    }
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

/// See ScanWords.
inline void draw_scan_words(const StreamPosition& at, std::uint32_t frame, std::uint32_t first_block, std::uint32_t* words) {
    static_assert(scan_words_at_once == 4 * lane_count);
    PhiloxGroup blocks;
    draw_group(first_block, static_cast<std::uint32_t>(Purpose::scan_mask) | frame << object_shift | at.domain,
               static_cast<std::uint32_t>(at.index), static_cast<std::uint32_t>(at.index >> 32), at.key, blocks);
    for (int lane = 0; lane < lane_count; ++lane) {
        for (int w = 0; w < 4; ++w) {
            words[4 * lane + w] = blocks.words[w][lane];
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
        write_scan_mask(draw_scan_words, scan.scan, scan.fraction, n, at, frame, s.mask);
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
