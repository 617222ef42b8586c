// Soft assignment of observed rows to templates: what the kernels of projection matching read and add to.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../base/arena.hpp"
#include "template_likelihood.hpp"

namespace nanotilt {

/// Observed rows, each of as many values as a template.
struct AssignedRows {
    const float* values;
    const float* squared_norms;
    std::ptrdiff_t n_rows;
    float narrowness;  // a template at squared distance d weighs exp(-narrowness * d)
};

/// What assignment adds up. `weighted` and `weights` are added to; the others are written.
struct AssignmentSums {
    std::ptrdiff_t n_templates;
    float* weighted;        // n_templates x n_values: rows times their weights
    float* weights;         // n_templates
    float* smallest;        // n_rows: squared distance of the nearest template
    std::int32_t* nearest;  // n_rows: which one that is
};

/// What a kernel works in: distances of a few rows from the templates of `n_panels` panels.
float* take_assignment_scratch(Arena& arena, std::ptrdiff_t n_panels);

}  // namespace nanotilt
