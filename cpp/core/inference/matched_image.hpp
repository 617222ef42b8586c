// The image that projection matching works on: its projections, and its updates from what they lack.
#pragma once

#include <algorithm>
#include <cstddef>

#include "../base/arena.hpp"
#include "../simd/choose.hpp"
#include "../tomography/line_projector.hpp"
#include "../tomography/tomography_kernels.hpp"
#include "projection_matching.hpp"

namespace nanotilt {

/// The image looks the same after a turn by this angle.
inline double period(const ProjectionPairs& pairs) {
    return 2.0 * pi / pairs.symmetry;
}

/// One start's image with its projections and updates.
class MatchedImage {
   public:
    struct Scratch {
        LineScratch lines;
        float* update;
        float* previous;
        float* filtered;
    };

    static Scratch take_scratch(Arena& arena, const ProjectionPairs& pairs) {
        const std::ptrdiff_t n = pairs.geometry.n_pixels;
        Scratch s{};
        s.lines = take_line_scratch(arena, pairs.geometry);
        s.update = arena.take<float>(n, n);
        s.previous = arena.take<float>(n, n);
        s.filtered = arena.take<float>(pairs.geometry.n_bins);
        return s;
    }

    MatchedImage(const ProjectionPairs& pairs, float* image, const Scratch& s)
        : pairs_(pairs),
          image_(image),
          projector_(pairs.geometry, s.lines),
          update_(s.update),
          previous_(s.previous),
          filtered_(s.filtered) {
        std::copy(image, image + n_pixels(), previous_);
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
            active_kernels().tomography.convolve(residual + view * n, n, pairs_.filter, filtered_);
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

}  // namespace nanotilt
