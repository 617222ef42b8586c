// Scratch memory of a thread that draws fields.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../../base/arena.hpp"
#include "../../base/layout.hpp"
#include "../../program/plan.hpp"
#include "../../scenes/field_motion.hpp"
#include "../../scenes/field_truths.hpp"

namespace nanotilt {

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

inline constexpr int rough_table_size = 256;

/// For a plan with a scanning camera.
static inline FieldScratch take_field_scratch(Arena& arena, const Plan& plan) {
    const ScanPlan& scan = *plan.scan;
    const std::ptrdiff_t n = scan.n_pixels;
    const std::ptrdiff_t pitch = padded(scan.n_pixels) + lane_count;
    const std::ptrdiff_t most = padded(plan.max_bodies);
    const std::ptrdiff_t radius = padded(static_cast<int>(plan.detector.blur_weights.size()));
    FieldScratch s{};
    s.pitch = pitch;
    s.bodies = arena.take<Body>(most);
    s.merges = arena.take<Merge>(most);
    s.seen = arena.take<Seen>(most);
    s.body_x = arena.take<float>(most);
    s.body_y = arena.take<float>(most);
    s.body_reach = arena.take<float>(most);
    s.column_x = arena.take<float>(pitch);
    s.straight_x = arena.take<float>(pitch);
    s.row_x = arena.take<float>(pitch);
    s.row_y = arena.take<float>(pitch);
    s.no_shift = arena.take<float>(pitch);
    s.wave_cos_x = arena.take<float>(waves_of_texture, pitch);
    s.wave_sin_x = arena.take<float>(waves_of_texture, pitch);
    s.wave_cos_y = arena.take<float>(waves_of_texture, pitch);
    s.wave_sin_y = arena.take<float>(waves_of_texture, pitch);
    s.support = arena.take<float>(rows_together, pitch);
    s.bodies_image = arena.take<float>(n, pitch);
    s.depth = arena.take<float>(n, pitch);
    s.owner = arena.take<std::int32_t>(n, pitch);
    s.plain = arena.take<float>(n, n);
    s.other = arena.take<float>(n, n);
    s.row = arena.take_inside<float>(radius, pitch);
    s.blurred = arena.take<float>(pitch);
    s.rough = arena.take<float>(rough_table_size + lane_count);
    s.mask = arena.take<std::uint8_t>(n, n);
    return s;
}

}  // namespace nanotilt
