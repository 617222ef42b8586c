// Lines through an image, as line sums and their spreading back follow them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "../base/elementary.hpp"
#include "tomography.hpp"
#include "tomography_kernels.hpp"

namespace nanotilt {

/// Lines are followed row by row if they are steep, else column by column. `scale`: detectors per pixel along a row (or column);
/// `slope`: columns (or rows) from one row (or column) to the next.
struct Direction {
    bool by_rows;
    double scale;
    double slope;
};

inline Direction direction(double angle_rad) {
    const SinCosDouble turn = sincos_double(angle_rad);
    if (std::fabs(turn.cos) >= std::fabs(turn.sin)) {
        return {true, turn.cos, turn.sin / turn.cos};
    }
    return {false, -turn.sin, turn.cos / turn.sin};
}

/// An image and its transpose, with a 0 before and behind each row.
class PaddedImage {
   public:
    static std::ptrdiff_t size(std::ptrdiff_t height, std::ptrdiff_t width) { return height * (width + 2) + width * (height + 2); }

    PaddedImage(const float* image, std::ptrdiff_t height, std::ptrdiff_t width, float* memory, const Stop& stop = never)
        : height_(height), width_(width), memory_(memory) {
        StopPoints points(stop);
        float* transposed = memory + height * (width + 2);
        for (std::ptrdiff_t x = 0; x < width; ++x) {
            transposed[x * (height + 2)] = 0.0F;
            transposed[x * (height + 2) + height + 1] = 0.0F;
        }
        for (std::ptrdiff_t y = 0; y < height && !points.stop_after(10 * width); ++y) {
            float* row = memory + y * (width + 2);
            row[0] = 0.0F;
            std::copy(image + y * width, image + (y + 1) * width, row + 1);
            row[width + 1] = 0.0F;
            for (std::ptrdiff_t x = 0; x < width; ++x) {
                transposed[x * (height + 2) + y + 1] = image[y * width + x];
            }
        }
    }

    [[nodiscard]] PixelRows rows(bool by_rows) const {
        if (by_rows) {
            return {memory_ + 1, height_, width_, width_ + 2};
        }
        return {memory_ + height_ * (width_ + 2) + 1, width_, height_, height_ + 2};
    }

   private:
    std::ptrdiff_t height_;
    std::ptrdiff_t width_;
    const float* memory_;
};

/// Weights of four neighbours in the cubic polynomial through them, at `t` beyond the second.
struct CubicWeights {
    float of[4];
};

/// Lines are up to a detector apart, and straight interpolation between them would damp fine detail twice.
inline CubicWeights cubic_weights(float t) {
    return {{t * (1.0F - t) * (t - 2.0F) / 6.0F, (1.0F - t * t) * (2.0F - t) / 2.0F, t * (1.0F + t) * (2.0F - t) / 2.0F,
             t * (t * t - 1.0F) / 6.0F}};
}

}  // namespace nanotilt
