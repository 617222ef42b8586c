// Likelihood of samples under a bank of templates: the sums behind the estimate of the best accuracy that is possible.
//
// Each template is the middle of a Gaussian; a class's density at a sample is the sum over the class's templates. Samples and
// templates come whitened, so that all Gaussians are round and their exponents follow from a product of two matrices.
#pragma once

#include <cstddef>

#include "../base/arena.hpp"
#include "../base/stop.hpp"

namespace nanotilt {

/// Widths that one pass adds up side by side, at most.
inline constexpr int most_template_widths = 8;

/// Templates stand in panels of this many: value by value, 48 numbers each, three vectors of AVX-512.
inline constexpr int templates_per_panel = 48;

/// Running sums over all templates added so far. With d the squared distance of sample i from a template and
/// s_j = narrowness * 2^j,
///
///   sums[i][j] = sum of exp(-s_j * (d - smallest[i])), smallest[i] the smallest d so far,
///
/// so that the logarithm of the sum of exp(-s_j * d) is log(sums[i][j]) - s_j * smallest[i].
struct TemplateSums {
    float* smallest;  // n_samples; infinity before the first template
    double* sums;     // n_samples x n_widths; 0 before the first template
    int n_widths;     // 1 ... most_template_widths
    float narrowness;
};

/// Templates and samples as kernels read them.
struct TemplatePanels {
    const float* values;         // panel by panel: n_values x templates_per_panel
    const float* squared_norms;  // panel by panel; what pads the last panel has norms so large that it adds nothing
    std::ptrdiff_t n_panels;
    std::ptrdiff_t n_values;
};

/// What a kernel adds up n_samples samples in.
struct TemplateScratch {
    float* norms;      // n_samples
    float* smallest;   // n_samples
    float* lane_sums;  // n_samples x n_widths x lane_count
};

TemplateScratch take_template_scratch(Arena& arena, std::ptrdiff_t n_samples, int n_widths);

/// Adds n_templates templates of n_values each to the sums of n_samples samples. The result depends neither on the number of
/// threads nor on which samples come together. By roundings it depends on how the templates are split into calls, and on the SIMD
/// level, because it uses fused multiply-add where there is one: nothing here is part of a stream. Terms below exp(-32) of the
/// largest may be left out; a million of them make 1e-8. Throws std::bad_alloc only.
void add_templates(const float* samples, std::ptrdiff_t n_samples, const float* templates, std::ptrdiff_t n_templates,
                   std::ptrdiff_t n_values, const TemplateSums& totals, int n_threads, const Stop& stop = never);

}  // namespace nanotilt
