#include <algorithm>
#include <cmath>

#include "../base/floating_point.hpp"
#include "../base/parallel.hpp"
#include "../simd/choose.hpp"
#include "inference_kernels.hpp"
#include "matched_image.hpp"
#include "projection_matching.hpp"

namespace nanotilt {
namespace {

class RefinedStart {
   public:
    struct Scratch {
        MatchedImage::Scratch image;
        float* templates;
        float* residual;
    };

    static Scratch take_scratch(Arena& arena, const ProjectionPairs& pairs, const Refinement& refinement) {
        const std::ptrdiff_t n_values = 2 * pairs.geometry.n_bins;
        Scratch s{};
        s.image = MatchedImage::take_scratch(arena, pairs);
        s.templates = arena.take<float>(refinement.n_angles, n_values);
        s.residual = arena.take<float>(n_values);
        return s;
    }

    RefinedStart(const ProjectionPairs& pairs, const Refinement& refinement, float* image, double* angle_rad,
                 const Scratch& scratch, const Stop& stop)
        : pairs_(pairs),
          refinement_(refinement),
          model_(pairs, image, scratch.image),
          angle_rad_(angle_rad),
          n_values_(2 * pairs.geometry.n_bins),
          points_(stop),
          templates_(scratch.templates),
          residual_(scratch.residual) {}

    /// Mean squared residual per bin.
    double round() {
        const bool angles_stay = refinement_.window < 0;
        double cost = angles_stay ? 0.0 : match_all();
        for (std::ptrdiff_t i = 0; i < refinement_.n_updates && !points_.stop_after(n_values_ * n_values_); ++i) {
            const double lacking = update();
            cost = angles_stay ? lacking : cost;
        }
        return cost;
    }

   private:
    [[nodiscard]] double spacing() const { return period(pairs_) / static_cast<double>(refinement_.n_angles); }

    double match_all() {
        for (std::ptrdiff_t k = 0; k < refinement_.n_angles && !points_.stop_after(n_values_ * n_values_); ++k) {
            model_.project_pair(static_cast<double>(k) * spacing(), templates_ + k * n_values_);
        }
        double total = 0.0;
        for (std::ptrdiff_t i = 0; i < pairs_.n_pairs && !points_.stop_after(n_values_ * n_values_); ++i) {
            total += match(pairs_.values + i * n_values_, angle_rad_ + i);
        }
        return total / static_cast<double>(pairs_.n_pairs * n_values_);
    }

    // The nearest template near the present angle, then the parabola through its distance and its two neighbours'.
    double match(const float* row, double* angle_rad) {
        const std::ptrdiff_t n = refinement_.n_angles;
        const std::ptrdiff_t side = std::min(refinement_.window, (n - 1) / 2);
        const auto middle = static_cast<std::ptrdiff_t>(std::floor(*angle_rad / spacing() + 0.5));
        const auto wrapped = [n](std::ptrdiff_t k) { return (k % n + n) % n; };
        const auto distance = [&](std::ptrdiff_t k) {
            return active_kernels().inference.squared_distance(row, templates_ + wrapped(k) * n_values_, n_values_);
        };
        std::ptrdiff_t best = middle - side;
        float smallest = distance(best);
        for (std::ptrdiff_t k = middle - side + 1; k <= middle + side; ++k) {
            const float d = distance(k);
            if (d < smallest) {
                smallest = d;
                best = k;
            }
        }
        const auto here = static_cast<double>(smallest);
        const auto before = static_cast<double>(distance(best - 1));
        const auto after = static_cast<double>(distance(best + 1));
        const double bend = before - 2.0 * here + after;
        // Distances that overflow have no parabola, and an angle must stay a number: the next round's templates follow from it.
        const double lowest = bend > 0.0 && std::isfinite(bend) ? 0.5 * (before - after) / bend : 0.0;
        const double shift = std::clamp(lowest, -1.0, 1.0);
        *angle_rad = (static_cast<double>(wrapped(best)) + shift) * spacing();
        return std::max(here - 0.25 * (before - after) * shift, 0.0);
    }

    // Mean squared residual per bin before the update.
    double update() {
        double total = 0.0;
        model_.begin_update();
        for (std::ptrdiff_t i = 0; i < pairs_.n_pairs && !points_.stop_after(n_values_ * n_values_); ++i) {
            model_.project_pair(angle_rad_[i], residual_);
            for (std::ptrdiff_t v = 0; v < n_values_; ++v) {
                residual_[v] = pairs_.values[i * n_values_ + v] - residual_[v];
                total += static_cast<double>(residual_[v]) * static_cast<double>(residual_[v]);
            }
            model_.spread_pair(residual_, angle_rad_[i]);
        }
        model_.end_update(pairs_.n_pairs, refinement_.relaxation, refinement_.momentum);
        return total / static_cast<double>(pairs_.n_pairs * n_values_);
    }

    const ProjectionPairs& pairs_;
    const Refinement& refinement_;
    MatchedImage model_;
    double* angle_rad_;
    std::ptrdiff_t n_values_;
    StopPoints points_;
    float* templates_;
    float* residual_;
};

}  // namespace

void refine_starts(const ProjectionPairs& pairs, const Refinement& refinement, std::ptrdiff_t n_starts, float* images, double* cost,
                   double* angle_rad, int n_threads, const Stop& stop) {
    const IeeeMode caller_mode;
    const std::ptrdiff_t size = pairs.geometry.n_pixels * pairs.geometry.n_pixels;
    const auto list = [&](Arena& arena) { return RefinedStart::take_scratch(arena, pairs, refinement); };
    parallel_for(n_starts, 1, n_threads, list, stop,
                 [&](std::ptrdiff_t begin, std::ptrdiff_t end, const RefinedStart::Scratch& scratch) {
                     for (std::ptrdiff_t s = begin; s < end; ++s) {
                         RefinedStart start(pairs, refinement, images + s * size, angle_rad + s * pairs.n_pairs, scratch, stop);
                         for (std::ptrdiff_t i = 0; i < refinement.n_rounds && !stop.wanted(); ++i) {
                             cost[s] = start.round();
                         }
                     }
                 });
}

}  // namespace nanotilt
