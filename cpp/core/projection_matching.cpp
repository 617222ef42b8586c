#include "projection_matching.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "dispatch.hpp"
#include "floating_point.hpp"
#include "parallel.hpp"

namespace nanotilt {
namespace {

constexpr double pi = 3.14159265358979323846;

// Far beyond any distance, yet finite.
constexpr float unreachable = 1e37F;

class Carver {
   public:
    explicit Carver(float* memory) : next_(memory) {}
    float* take(std::ptrdiff_t n) {
        float* piece = next_;
        next_ += (n + 31) / 32 * 32;
        return piece;
    }

   private:
    float* next_;
};

std::size_t room(std::ptrdiff_t n) {
    return floats((n + 31) / 32 * 32);
}

std::ptrdiff_t panels_for(std::ptrdiff_t n_templates) {
    return (n_templates + templates_per_panel - 1) / templates_per_panel;
}

double period(const ProjectionPairs& pairs) {
    return 2.0 * pi / pairs.symmetry;
}

/// One start's image with its projections and updates.
class Model {
   public:
    static std::size_t scratch_floats(const ProjectionPairs& pairs) {
        const ImageGeometry& g = pairs.geometry;
        return LineProjector::scratch_floats(g) + 64 + 2 * room(g.n_pixels * g.n_pixels) + room(g.n_bins);
    }

    Model(const ProjectionPairs& pairs, float* image, float* scratch)
        : pairs_(pairs), image_(image), projector_(pairs.geometry, scratch) {
        Carver carver(scratch + LineProjector::scratch_floats(pairs.geometry));
        update_ = carver.take(n_pixels());
        previous_ = carver.take(n_pixels());
        std::copy(image, image + n_pixels(), previous_);
        filtered_ = carver.take(pairs.geometry.n_bins);
        projector_.set_image(image_);
    }

    /// First and second projection of a particle at this angle: out (2, n_bins).
    void project_pair(double angle_rad, float* out) const {
        projector_.project(angle_rad, out);
        projector_.project(angle_rad + pairs_.stereo_rad, out + pairs_.geometry.n_bins);
    }

    void begin_update() { projector_.clear(); }

    /// Spreads what one pair's residual (2, n_bins) asks for, in all places that look alike.
    void spread_pair(const float* residual, double angle_rad) {
        const std::ptrdiff_t n = pairs_.geometry.n_bins;
        for (int view = 0; view < 2; ++view) {
            active_kernels().convolve(residual + view * n, n, pairs_.filter, filtered_);
            for (int turn = 0; turn < pairs_.symmetry; ++turn) {
                projector_.spread(filtered_, angle_rad + view * pairs_.stereo_rad + turn * period(pairs_));
            }
        }
    }

    /// Adds what was spread, from n_spread pairs; the image stays >= 0 and within its support.
    void end_update(std::ptrdiff_t n_spread, float relaxation, float momentum) {
        projector_.collect(update_);
        const double area = pairs_.geometry.pixel * pairs_.geometry.pixel;
        const auto rows = static_cast<double>(2 * n_spread * pairs_.symmetry);
        const auto factor = static_cast<float>(static_cast<double>(relaxation) * pi / (2.0 * rows * area));
        for (std::ptrdiff_t p = 0; p < n_pixels(); ++p) {
            const float before = image_[p];
            image_[p] = std::max(before + factor * update_[p] + momentum * (before - previous_[p]), 0.0F) * pairs_.support[p];
            previous_[p] = before;
        }
        projector_.set_image(image_);
    }

   private:
    [[nodiscard]] std::ptrdiff_t n_pixels() const { return pairs_.geometry.n_pixels * pairs_.geometry.n_pixels; }

    const ProjectionPairs& pairs_;
    float* image_;
    LineProjector projector_;
    float* update_;
    float* previous_;
    float* filtered_;
};

std::vector<float> squared_norms(const ProjectionPairs& pairs) {
    const std::ptrdiff_t n = 2 * pairs.geometry.n_bins;
    std::vector<float> norms(floats(pairs.n_pairs));
    for (std::ptrdiff_t i = 0; i < pairs.n_pairs; ++i) {
        double sum = 0.0;
        for (std::ptrdiff_t v = 0; v < n; ++v) {
            const auto value = static_cast<double>(pairs.values[i * n + v]);
            sum += value * value;
        }
        norms[floats(i)] = static_cast<float>(sum);
    }
    return norms;
}

// -------------------------------------------------------------------------------------------------------------- annealing

class AnnealedStart {
   public:
    static std::size_t scratch_floats(const ProjectionPairs& pairs, const Annealing& annealing) {
        const std::ptrdiff_t n_values = 2 * pairs.geometry.n_bins;
        const std::ptrdiff_t n_panels = panels_for(annealing.n_angles);
        const std::ptrdiff_t padded = n_panels * templates_per_panel;
        return Model::scratch_floats(pairs) + 64 + 2 * room(annealing.n_angles * n_values) + room(padded * n_values) +
               room(padded) + room(annealing.n_angles) + 2 * room(pairs.n_pairs) + room(n_values) +
               room(static_cast<std::ptrdiff_t>(assignment_scratch_floats(n_panels)));
    }

    AnnealedStart(const ProjectionPairs& pairs, const Annealing& annealing, const float* norms, float* image, float* scratch)
        : pairs_(pairs), annealing_(annealing), norms_(norms), model_(pairs, image, scratch), n_values_(2 * pairs.geometry.n_bins) {
        const std::ptrdiff_t n = annealing.n_angles;
        const std::ptrdiff_t padded = panels_for(n) * templates_per_panel;
        Carver carver(scratch + Model::scratch_floats(pairs) + 32);
        templates_ = carver.take(n * n_values_);
        weighted_ = carver.take(n * n_values_);
        panels_ = carver.take(padded * n_values_);
        panel_norms_ = carver.take(padded);
        weights_ = carver.take(n);
        smallest_ = carver.take(pairs.n_pairs);
        nearest_ = reinterpret_cast<std::int32_t*>(carver.take(pairs.n_pairs));
        residual_ = carver.take(n_values_);
        assignment_scratch_ = carver.take(static_cast<std::ptrdiff_t>(assignment_scratch_floats(panels_for(n))));
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
        active_kernels().assign_rows(panels, rows, {n, weighted_, weights_, smallest_, nearest_}, assignment_scratch_);
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
        for (std::ptrdiff_t k = 0; k < annealing_.n_angles; ++k) {
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
        for (std::ptrdiff_t k = 0; k < n; ++k) {
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
    Model model_;
    std::ptrdiff_t n_values_;
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

// ------------------------------------------------------------------------------------------------------------- refinement

class RefinedStart {
   public:
    static std::size_t scratch_floats(const ProjectionPairs& pairs, const Refinement& refinement) {
        const std::ptrdiff_t n_values = 2 * pairs.geometry.n_bins;
        return Model::scratch_floats(pairs) + 64 + room(refinement.n_angles * n_values) + room(n_values) +
               room(refinement.n_angles);
    }

    RefinedStart(const ProjectionPairs& pairs, const Refinement& refinement, float* image, double* angle_rad, float* scratch)
        : pairs_(pairs),
          refinement_(refinement),
          model_(pairs, image, scratch),
          angle_rad_(angle_rad),
          n_values_(2 * pairs.geometry.n_bins) {
        Carver carver(scratch + Model::scratch_floats(pairs) + 32);
        templates_ = carver.take(refinement.n_angles * n_values_);
        residual_ = carver.take(n_values_);
    }

    /// Mean squared residual per bin.
    double round() {
        const double cost = match_all();
        for (std::ptrdiff_t i = 0; i < refinement_.n_updates; ++i) {
            update();
        }
        return cost;
    }

   private:
    [[nodiscard]] double spacing() const { return period(pairs_) / static_cast<double>(refinement_.n_angles); }

    double match_all() {
        for (std::ptrdiff_t k = 0; k < refinement_.n_angles; ++k) {
            model_.project_pair(static_cast<double>(k) * spacing(), templates_ + k * n_values_);
        }
        double total = 0.0;
        for (std::ptrdiff_t i = 0; i < pairs_.n_pairs; ++i) {
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
            return active_kernels().squared_distance(row, templates_ + wrapped(k) * n_values_, n_values_);
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
        const double shift = bend > 0.0 ? std::clamp(0.5 * (before - after) / bend, -1.0, 1.0) : 0.0;
        *angle_rad = (static_cast<double>(wrapped(best)) + shift) * spacing();
        return std::max(here - 0.25 * (before - after) * shift, 0.0);
    }

    void update() {
        model_.begin_update();
        for (std::ptrdiff_t i = 0; i < pairs_.n_pairs; ++i) {
            model_.project_pair(angle_rad_[i], residual_);
            for (std::ptrdiff_t v = 0; v < n_values_; ++v) {
                residual_[v] = pairs_.values[i * n_values_ + v] - residual_[v];
            }
            model_.spread_pair(residual_, angle_rad_[i]);
        }
        model_.end_update(pairs_.n_pairs, refinement_.relaxation, refinement_.momentum);
    }

    const ProjectionPairs& pairs_;
    const Refinement& refinement_;
    Model model_;
    double* angle_rad_;
    std::ptrdiff_t n_values_;
    float* templates_;
    float* residual_;
};

}  // namespace

std::size_t assignment_scratch_floats(std::ptrdiff_t n_panels) {
    return floats(n_panels * templates_per_panel * lane_count);
}

void anneal_starts(const ProjectionPairs& pairs, const Annealing& annealing, std::ptrdiff_t n_starts, float* images, double* cost,
                   double* angle_rad, int n_threads) {
    const IeeeMode caller_mode;
    const std::vector<float> norms = squared_norms(pairs);
    const std::ptrdiff_t size = pairs.geometry.n_pixels * pairs.geometry.n_pixels;
    parallel_for(n_starts, 1, n_threads, AnnealedStart::scratch_floats(pairs, annealing),
                 [&](std::ptrdiff_t begin, std::ptrdiff_t end, float* scratch) {
                     const IeeeMode ieee;
                     for (std::ptrdiff_t s = begin; s < end; ++s) {
                         AnnealedStart start(pairs, annealing, norms.data(), images + s * size, scratch);
                         for (std::ptrdiff_t i = 0; i < annealing.n_rounds; ++i) {
                             start.round(annealing.sigma[i]);
                         }
                         cost[s] = start.cost();
                         start.write_angles(angle_rad + s * pairs.n_pairs);
                     }
                 });
}

void refine_starts(const ProjectionPairs& pairs, const Refinement& refinement, std::ptrdiff_t n_starts, float* images, double* cost,
                   double* angle_rad, int n_threads) {
    const IeeeMode caller_mode;
    const std::ptrdiff_t size = pairs.geometry.n_pixels * pairs.geometry.n_pixels;
    parallel_for(n_starts, 1, n_threads, RefinedStart::scratch_floats(pairs, refinement),
                 [&](std::ptrdiff_t begin, std::ptrdiff_t end, float* scratch) {
                     const IeeeMode ieee;
                     for (std::ptrdiff_t s = begin; s < end; ++s) {
                         RefinedStart start(pairs, refinement, images + s * size, angle_rad + s * pairs.n_pairs, scratch);
                         for (std::ptrdiff_t i = 0; i < refinement.n_rounds; ++i) {
                             cost[s] = start.round();
                         }
                     }
                 });
}

}  // namespace nanotilt
