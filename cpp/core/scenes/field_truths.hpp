// What is true of a field: its outputs, and the table of its bodies.
#pragma once

#include <cstdint>
#include <vector>

#include "../program/spec.hpp"
#include "field_motion.hpp"

namespace nanotilt {

/// The outputs of a field beside label and angles, in the order of `field_truths`.
enum FieldTruth {
    instance_truth,
    semantic_truth,
    depth_truth,
    boundary_truth,
    distance_truth,
    centres_truth,
    rays_truth,
    boxes_truth,
    n_boxes_truth,
    table_truth,
    n_table_truth,
    clean_truth,
    scanned_truth,
    dose_truth,
    lineage_truth,
    n_lineage_truth,
    n_field_truths,
};

/// Columns of the table: nanotilt.scenes.field_terms.COLUMNS.
inline constexpr int n_table_columns = 19;

/// Distances of the target "rays", and pixels between the places that have them.
inline constexpr int n_star_rays = 32;
inline constexpr int star_grid = 2;

/// Images have n_frames = 1, and no axis for it in their truths.
std::vector<Output> field_truths(const FieldPlan& field, int n_pixels, int n_frames);

/// What of a body can be seen: its pixels, and the box around them.
struct Seen {
    std::int32_t n;
    std::int32_t left, top, right, bottom;  // right and bottom: one pixel beyond
};

/// Rows of the table of those bodies that can be seen. `seen`: of each body. Returns how many.
int write_table(const FieldPlan& field, const BodySet& set, const Seen* seen, int n_pixels, float* table);

/// Boxes in the same order: left, top, right, bottom. Returns how many.
int write_boxes(const BodySet& set, const Seen* seen, float* boxes);

}  // namespace nanotilt
