// The image that projection matching works on: its projections, and its updates from what they lack.
#pragma once

#include <algorithm>
#include <cstddef>

#include "../program/dispatch.hpp"
#include "../tomography/line_projector.hpp"
#include "projection_matching.hpp"

namespace nanotilt {

/// Hands out memory piece by piece, each from a cache line on if the memory starts at one.
class Pieces {
   public:
    explicit Pieces(float* memory) : next_(memory) {}
    float* take(std::ptrdiff_t n) {
        float* piece = next_;
        next_ += (n + 31) / 32 * 32;
        return piece;
    }

   private:
    float* next_;
};

/// Floats that Pieces takes for n.
inline std::size_t room(std::ptrdiff_t n) {
    return floats((n + 31) / 32 * 32);
}

/// The image looks the same after a turn by this angle.
inline double period(const ProjectionPairs& pairs) {
    return 2.0 * pi / pairs.symmetry;
}

/// One start's image with its projections and updates.
class MatchedImage {
   public:
    static std::size_t scratch_floats(const ProjectionPairs& pairs) {
        const ImageGeometry& g = pairs.geometry;
        return room(static_cast<std::ptrdiff_t>(LineProjector::scratch_floats(g))) + 2 * room(g.n_pixels * g.n_pixels) +
               room(g.n_bins);
    }

    MatchedImage(const ProjectionPairs& pairs, float* image, float* scratch)
        : pairs_(pairs), image_(image), projector_(pairs.geometry, scratch) {
        Pieces pieces(scratch);
        pieces.take(static_cast<std::ptrdiff_t>(LineProjector::scratch_floats(pairs.geometry)));  // projector_ has it
        update_ = pieces.take(n_pixels());
        previous_ = pieces.take(n_pixels());
        std::copy(image, image + n_pixels(), previous_);
        filtered_ = pieces.take(pairs.geometry.n_bins);
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

}  // namespace nanotilt
