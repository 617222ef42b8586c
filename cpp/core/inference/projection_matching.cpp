#include "projection_matching.hpp"

#include <algorithm>
#include <vector>

#include "../base/floating_point.hpp"
#include "../base/layout.hpp"
#include "../base/parallel.hpp"
#include "../simd/choose.hpp"
#include "inference_kernels.hpp"
#include "matched_image.hpp"

namespace nanotilt {
namespace {

// Far beyond any distance, yet finite.
constexpr float unreachable = 1e37F;

std::ptrdiff_t panels_for(std::ptrdiff_t n_templates) {
    return (n_templates + templates_per_panel - 1) / templates_per_panel;
}

std::vector<float> squared_norms(const ProjectionPairs& pairs, const Stop& stop) {
    StopPoints points(stop);
    const std::ptrdiff_t n = 2 * pairs.geometry.n_bins;
    std::vector<float> norms(static_cast<std::size_t>(pairs.n_pairs));
    for (std::ptrdiff_t i = 0; i < pairs.n_pairs && !points.stop_after(n); ++i) {
        double sum = 0.0;
        for (std::ptrdiff_t v = 0; v < n; ++v) {
            const auto value = static_cast<double>(pairs.values[i * n + v]);
            sum += value * value;
        }
        norms[static_cast<std::size_t>(i)] = static_cast<float>(sum);
    }
    return norms;
}

class AnnealedStart {
   public:
    struct Scratch {
        MatchedImage::Scratch image;
        float* templates;
        float* weighted;
        float* panels;
        float* panel_norms;
        float* weights;
        float* smallest;
        std::int32_t* nearest;
        float* residual;
        float* assignment;
    };

    static Scratch take_scratch(Arena& arena, const ProjectionPairs& pairs, const Annealing& annealing) {
        const std::ptrdiff_t n_values = 2 * pairs.geometry.n_bins;
        const std::ptrdiff_t n_panels = panels_for(annealing.n_angles);
        Scratch s{};
        s.image = MatchedImage::take_scratch(arena, pairs);
        s.templates = arena.take<float>(annealing.n_angles, n_values);
        s.weighted = arena.take<float>(annealing.n_angles, n_values);
        s.panels = arena.take<float>(n_panels * templates_per_panel, n_values);
        s.panel_norms = arena.take<float>(n_panels, templates_per_panel);
        s.weights = arena.take<float>(annealing.n_angles);
        s.smallest = arena.take<float>(pairs.n_pairs);
        s.nearest = arena.take<std::int32_t>(pairs.n_pairs);
        s.residual = arena.take<float>(n_values);
        s.assignment = take_assignment_scratch(arena, n_panels);
        return s;
    }

    AnnealedStart(const ProjectionPairs& pairs, const Annealing& annealing, const float* norms, float* image,
                  const Scratch& scratch, const Stop& stop)
        : pairs_(pairs),
          annealing_(annealing),
          norms_(norms),
          model_(pairs, image, scratch.image),
          n_values_(2 * pairs.geometry.n_bins),
          stop_(stop),
          points_(stop),
          templates_(scratch.templates),
          weighted_(scratch.weighted),
          panels_(scratch.panels),
          panel_norms_(scratch.panel_norms),
          weights_(scratch.weights),
          smallest_(scratch.smallest),
          nearest_(scratch.nearest),
          residual_(scratch.residual),
          assignment_scratch_(scratch.assignment) {
        const std::ptrdiff_t padded = panels_for(annealing.n_angles) * templates_per_panel;
        std::fill(panels_, panels_ + padded * n_values_, 0.0F);
        std::fill(panel_norms_, panel_norms_ + padded, unreachable);
    }

    void round(float sigma) {
        make_templates();
        const std::ptrdiff_t n = annealing_.n_angles;
        std::fill(weighted_, weighted_ + n * n_values_, 0.0F);
        std::fill(weights_, weights_ + n, 0.0F);
        const TemplatePanels panels{panels_, panel_norms_, panels_for(n), n_values_};
        const AssignedRows rows{pairs_.values, norms_, pairs_.n_pairs, 0.5F / (sigma * sigma)};
        active_kernels().inference.assign_rows(panels, rows, {n, weighted_, weights_, smallest_, nearest_}, assignment_scratch_,
                                               stop_);
        update();
    }

    [[nodiscard]] double cost() const {
        double sum = 0.0;
        for (std::ptrdiff_t i = 0; i < pairs_.n_pairs; ++i) {
            sum += static_cast<double>(smallest_[i]);
        }
        return sum / static_cast<double>(pairs_.n_pairs * n_values_);
    }

    void write_angles(double* angle_rad) const {
        for (std::ptrdiff_t i = 0; i < pairs_.n_pairs; ++i) {
            angle_rad[i] = angle(nearest_[i]);
        }
    }

   private:
    [[nodiscard]] double angle(std::ptrdiff_t k) const {
        return static_cast<double>(k) * period(pairs_) / static_cast<double>(annealing_.n_angles);
    }

    void make_templates() {
        constexpr std::ptrdiff_t width = templates_per_panel;
        for (std::ptrdiff_t k = 0; k < annealing_.n_angles && !points_.stop_after(n_values_ * n_values_); ++k) {
            float* values = templates_ + k * n_values_;
            model_.project_pair(angle(k), values);
            float* column = panels_ + k / width * width * n_values_ + k % width;
            float norm = 0.0F;
            for (std::ptrdiff_t v = 0; v < n_values_; ++v) {
                column[v * width] = values[v];
                norm += values[v] * values[v];
            }
            panel_norms_[k] = norm;
        }
    }

    // Templates with more than their share of rows count as if they had just that, so that no distribution of angles, however
    // uneven, makes the update overshoot.
    void update() {
        const std::ptrdiff_t n = annealing_.n_angles;
        const float share = static_cast<float>(pairs_.n_pairs) / static_cast<float>(n);
        model_.begin_update();
        for (std::ptrdiff_t k = 0; k < n && !points_.stop_after(n_values_ * n_values_); ++k) {
            if (weights_[k] < 1e-3F * share) {
                continue;
            }
            const float factor = 1.0F / std::max(weights_[k], share);
            for (std::ptrdiff_t v = 0; v < n_values_; ++v) {
                residual_[v] = factor * (weighted_[k * n_values_ + v] - weights_[k] * templates_[k * n_values_ + v]);
            }
            model_.spread_pair(residual_, angle(k));
        }
        model_.end_update(n, annealing_.relaxation, annealing_.momentum);
    }

    const ProjectionPairs& pairs_;
    const Annealing& annealing_;
    const float* norms_;
    MatchedImage model_;
    std::ptrdiff_t n_values_;
    const Stop& stop_;
    StopPoints points_;
    float* templates_;
    float* weighted_;
    float* panels_;
    float* panel_norms_;
    float* weights_;
    float* smallest_;
    std::int32_t* nearest_;
    float* residual_;
    float* assignment_scratch_;
};

}  // namespace

float* take_assignment_scratch(Arena& arena, std::ptrdiff_t n_panels) {
    return arena.take<float>(n_panels * templates_per_panel, lane_count);
}

void anneal_starts(const ProjectionPairs& pairs, const Annealing& annealing, std::ptrdiff_t n_starts, float* images, double* cost,
                   double* angle_rad, int n_threads, const Stop& stop) {
    const IeeeMode caller_mode;
    const std::vector<float> norms = squared_norms(pairs, stop);
    const std::ptrdiff_t size = pairs.geometry.n_pixels * pairs.geometry.n_pixels;
    const auto list = [&](Arena& arena) { return AnnealedStart::take_scratch(arena, pairs, annealing); };
    parallel_for(n_starts, 1, n_threads, list, stop,
                 [&](std::ptrdiff_t begin, std::ptrdiff_t end, const AnnealedStart::Scratch& scratch) {
                     for (std::ptrdiff_t s = begin; s < end; ++s) {
                         AnnealedStart start(pairs, annealing, norms.data(), images + s * size, scratch, stop);
                         for (std::ptrdiff_t i = 0; i < annealing.n_rounds && !stop.wanted(); ++i) {
                             start.round(annealing.sigma[i]);
                         }
                         if (!stop.wanted()) {  // else no row has a nearest template perhaps
                             cost[s] = start.cost();
                             start.write_angles(angle_rad + s * pairs.n_pairs);
                         }
                     }
                 });
}

}  // namespace nanotilt
