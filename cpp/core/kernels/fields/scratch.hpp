// Scratch memory of a thread that draws fields: one list gives its size and its pieces.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../../base/layout.hpp"
#include "../../program/plan.hpp"
#include "../../scenes/field_motion.hpp"
#include "../../scenes/field_truths.hpp"

namespace nanotilt {
namespace {

/// Rows of the support that are made together: each value of a wave's tables is read once for all of them.
constexpr int support_rows = 4;

struct FieldScratch {
    std::ptrdiff_t pitch;  // between rows of images that bodies are drawn into: a vector may go beyond the last column
    Body* bodies;
    Merge* merges;
    Seen* seen;
    float* body_x;  // of all bodies, for a look at many at once
    float* body_y;
    float* body_reach;
    float* column_x;    // pitch: where each column's pixels are looked at
    float* straight_x;  // pitch: where a straight scan would
    float* row_x;       // shift of each row
    float* row_y;
    float* no_shift;  // zeros
    float* wave_cos_x;
    float* wave_sin_x;
    float* wave_cos_y;
    float* wave_sin_y;
    float* support;       // some rows of it
    float* bodies_image;  // n rows, pitch apart
    float* depth;
    std::int32_t* owner;
    float* plain;  // n x n
    float* other;
    float* row;  // with the blur's radius and a vector on both sides
    float* blurred;
    float* rough;  // distances of a rough outline by direction
    std::uint8_t* mask;
};

constexpr int rough_table_size = 256;

/// Calls take(floats) for each piece, which gives a pointer to it.
template <typename Take>
FieldScratch lay_out_field(const Plan& plan, const Take& take) {
    const ScanPlan& scan = *plan.scan;
    const auto n = static_cast<std::size_t>(scan.n_pixels);
    const auto pitch = static_cast<std::size_t>(padded(scan.n_pixels) + lane_count);
    const auto most = static_cast<std::size_t>(padded(plan.max_bodies));
    const auto radius = static_cast<std::size_t>(padded(static_cast<int>(plan.detector.blur_weights.size())));
    const auto floats_of = [](std::size_t count, std::size_t bytes) { return (count * bytes + sizeof(float) - 1) / sizeof(float); };
    FieldScratch s{};
    s.pitch = static_cast<std::ptrdiff_t>(pitch);
    s.bodies = reinterpret_cast<Body*>(take(floats_of(most, sizeof(Body))));
    s.merges = reinterpret_cast<Merge*>(take(floats_of(most, sizeof(Merge))));
    s.seen = reinterpret_cast<Seen*>(take(floats_of(most, sizeof(Seen))));
    s.body_x = take(most);
    s.body_y = take(most);
    s.body_reach = take(most);
    s.column_x = take(pitch);
    s.straight_x = take(pitch);
    s.row_x = take(pitch);
    s.row_y = take(pitch);
    s.no_shift = take(pitch);
    s.wave_cos_x = take(waves_of_texture * pitch);
    s.wave_sin_x = take(waves_of_texture * pitch);
    s.wave_cos_y = take(waves_of_texture * pitch);
    s.wave_sin_y = take(waves_of_texture * pitch);
    s.support = take(support_rows * pitch);
    s.bodies_image = take(n * pitch);
    s.depth = take(n * pitch);
    s.owner = reinterpret_cast<std::int32_t*>(take(n * pitch));
    s.plain = take(n * n);
    s.other = take(n * n);
    s.row = take(pitch + 2 * radius) + radius;
    s.blurred = take(pitch);
    s.rough = take(rough_table_size + lane_count);
    s.mask = reinterpret_cast<std::uint8_t*>(take(floats_of(n * n, 1)));
    return s;
}

}  // namespace

/// Floats of scratch that drawing fields takes; 0 for other instruments.
static inline std::size_t field_scratch_floats(const Plan& plan) {
    if (!plan.scan) {
        return 0;
    }
    std::size_t total = lane_count;  // the first piece starts at a whole vector
    lay_out_field(plan, [&](std::size_t floats) {
        total += (floats + lane_count - 1) / lane_count * lane_count;
        return static_cast<float*>(nullptr);
    });
    return total;
}

}  // namespace nanotilt
