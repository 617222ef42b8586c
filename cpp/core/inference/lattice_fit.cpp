#include "lattice_fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../base/floating_point.hpp"
#include "../base/parallel.hpp"
#include "../simd/choose.hpp"
#include "inference_kernels.hpp"
#include "lattice_model.hpp"
#include "lattice_scores.hpp"
#include "lattice_start.hpp"

namespace nanotilt {

namespace {

constexpr std::ptrdiff_t images_per_piece = 4;

struct Scratch {
    LatticeScratch fit;
    LatticeStart::Scratch start;
    LatticeScores::Scratch scores;
};

LatticeFigures of_no_counts() {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    LatticeFigures figures{nan, nan, nan, nan, nan, nan, nan, 0.0, 0.0, nan, nan, 0.0, nan, nan, 0.0, nan, nan, nan};
    return figures;
}

/// Writes residuals in standard deviations, and their mean square per degree of freedom.
void write_residuals(const LatticeScratch& s, std::ptrdiff_t n, float* residuals, LatticeFigures& figures) {
    double sum = 0.0;
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        const double residual = (s.counts[i] - s.model[i]) / std::sqrt(s.model[i]);
        residuals[i] = static_cast<float>(residual);
        sum += residual * residual;
    }
    figures.chi2 = sum / static_cast<double>(n - lattice_parameters);
}

}  // namespace

void fit_lattices(const LatticeFitPlan& plan, const float* images, std::ptrdiff_t n_images, LatticeFigures* figures,
                  float* residuals, int n_threads, const Stop& stop) {
    const InferenceKernels& kernels = active_kernels().inference;
    const LatticeStart start(plan);
    const LatticeScores scores(plan);
    const std::ptrdiff_t n = plan.n_rows * plan.n_columns;
    const auto list = [&](Arena& arena) {
        return Scratch{take_lattice_scratch(arena, plan.n_rows, plan.n_columns), start.take(arena), scores.take(arena)};
    };
    parallel_for(n_images, images_per_piece, n_threads, list, stop,
                 [&](std::ptrdiff_t begin, std::ptrdiff_t end, const Scratch& s) {
                     write_field_tables(plan, s.fit);
                     start.write_tables(s.start);
                     for (std::ptrdiff_t image = begin; image < end && !stop.wanted(); ++image) {
                         double sum = 0.0;
                         for (std::ptrdiff_t i = 0; i < n; ++i) {
                             s.fit.counts[i] = static_cast<double>(images[image * n + i]);
                             sum += s.fit.counts[i];
                         }
                         if (!(sum > 0.0)) {
                             figures[image] = of_no_counts();
                             std::fill(residuals + image * n, residuals + (image + 1) * n, 0.0F);
                             continue;
                         }
                         const double mean = sum / static_cast<double>(n);
                         LatticeEstimate estimate{};
                         LatticeFigures& out = figures[image];
                         out = of_no_counts();
                         out.power = start.find(s.fit.counts, mean, s.start, kernels, estimate.waves);
                         fit_lattice(plan, mean, estimate, s.fit, kernels);
                         scores.write_geometry(estimate, out);
                         write_residuals(s.fit, n, residuals + image * n, out);
                         scores.write(estimate, s.fit, s.scores, out);
                     }
                 });
}

}  // namespace nanotilt
