// Kernels of sums over templates, of assignment to them, and of products of matrices.
#pragma once

#include <cstddef>

#include "../base/stop.hpp"
#include "pair_assignment.hpp"
#include "template_likelihood.hpp"

namespace nanotilt {

struct InferenceKernels {
    /// Adds all templates to the sums of n_samples samples (add_templates).
    void (*add_templates)(const TemplatePanels& panels, const float* samples, std::ptrdiff_t n_samples, const TemplateSums& totals,
                          const TemplateScratch& scratch, const Stop& stop);

    /// Soft assignment of rows to templates (assign_rows).
    void (*assign_rows)(const TemplatePanels& panels, const AssignedRows& rows, const AssignmentSums& sums, float* scratch,
                        const Stop& stop);

    /// Sum of squared differences of n numbers.
    float (*squared_distance)(const float* a, const float* b, std::ptrdiff_t n);

    /// out (n_rows, n_columns) = a (n_rows, n_inner) b (n_inner, n_columns).
    void (*multiply_matrices)(const double* a, const double* b, std::ptrdiff_t n_rows, std::ptrdiff_t n_inner,
                              std::ptrdiff_t n_columns, double* out);
};

}  // namespace nanotilt
