#include "labels.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "../base/elementary.hpp"

namespace nanotilt {
namespace {

constexpr int n_rays = 32;
constexpr std::ptrdiff_t grid = 2;

/// Rows up or down to the nearest pixel of a column that is of another instance; more than an image has where there is none.
void find_heights(const std::int32_t* instance, std::ptrdiff_t n, std::ptrdiff_t pitch, std::int32_t* heights) {
    const auto none = static_cast<std::int32_t>(4 * n);
    for (std::ptrdiff_t row = 0; row < n; ++row) {
        for (std::ptrdiff_t column = 0; column < n; ++column) {
            const std::ptrdiff_t at = row * pitch + column;
            const bool same = row > 0 && instance[at - pitch] == instance[at];
            const std::int32_t above = same ? heights[(row - 1) * n + column] + 1 : 1;
            heights[row * n + column] = row == 0 ? none : std::min(above, none);
        }
    }
    for (std::ptrdiff_t row = n - 2; row >= 0; --row) {
        for (std::ptrdiff_t column = 0; column < n; ++column) {
            const std::ptrdiff_t at = row * pitch + column;
            const std::int32_t below = instance[at + pitch] == instance[at] ? heights[(row + 1) * n + column] + 1 : 1;
            heights[row * n + column] = std::min(heights[row * n + column], below);
        }
    }
}

}  // namespace

void mark_boundary(const std::int32_t* instance, std::ptrdiff_t n, std::ptrdiff_t pitch, std::uint8_t* out) {
    for (std::ptrdiff_t row = 0; row < n; ++row) {
        const std::int32_t* own = instance + row * pitch;
        const std::int32_t* above = row > 0 ? own - pitch : own;
        const std::int32_t* below = row + 1 < n ? own + pitch : own;
        std::uint8_t* to = out + row * n;
        for (std::ptrdiff_t column = 0; column < n; ++column) {
            const std::int32_t here = own[column];
            const std::int32_t left = own[column > 0 ? column - 1 : column];
            const std::int32_t right = own[column + 1 < n ? column + 1 : column];
            const bool border = above[column] != here || below[column] != here || left != here || right != here;
            to[column] = static_cast<std::uint8_t>(here != 0 && border);
        }
    }
}

void measure_distance(const std::int32_t* instance, std::ptrdiff_t n, std::ptrdiff_t pitch, std::int32_t* heights, float* out,
                      StopPoints& points) {
    find_heights(instance, n, pitch, heights);
    const auto none = static_cast<std::int64_t>(2 * n * n);
    for (std::ptrdiff_t row = 0; row < n; ++row) {
        const std::int32_t* own = instance + row * pitch;
        const std::int32_t* height = heights + row * n;
        float* to = out + row * n;
        for (std::ptrdiff_t begin = 0; begin < n;) {
            std::ptrdiff_t end = begin + 1;
            while (end < n && own[end] == own[begin]) {
                ++end;
            }
            if (own[begin] == 0) {
                std::fill(to + begin, to + end, 0.0F);
            }
            // Within a run of one instance the nearest other pixel is at one of its ends, or above or below one of its pixels.
            for (std::ptrdiff_t column = begin; column < end && own[begin] != 0; ++column) {
                std::int64_t least = none;
                if (begin > 0) {
                    least = std::min<std::int64_t>(least, (column - begin + 1) * (column - begin + 1));
                }
                if (end < n) {
                    least = std::min<std::int64_t>(least, (end - column) * (end - column));
                }
                const auto reach = std::max(column - begin, end - 1 - column);
                for (std::ptrdiff_t away = 0; away <= reach && away * away < least; ++away) {
                    for (const std::ptrdiff_t other : {column - away, column + away}) {
                        if (other >= begin && other < end) {
                            const std::int64_t up = height[other];
                            least = std::min<std::int64_t>(least, away * away + up * up);
                        }
                    }
                }
                to[column] = static_cast<float>(std::sqrt(static_cast<double>(least)));
            }
            begin = end;
        }
        if (points.stop_after(4 * n)) {
            return;
        }
    }
}

void measure_rays(const std::int32_t* instance, std::ptrdiff_t n, std::ptrdiff_t pitch, float* out, StopPoints& points) {
    static const auto directions = [] {
        std::array<SinCosDouble, n_rays> made{};
        for (std::size_t i = 0; i < n_rays; ++i) {
            made[i] = sincos_double(2.0 * pi * static_cast<double>(i) / n_rays);
        }
        return made;
    }();
    const auto side = static_cast<double>(n);
    for (std::ptrdiff_t row = 0; row + 1 < n; row += grid) {
        for (std::ptrdiff_t column = 0; column + 1 < n; column += grid) {
            const std::int32_t own = instance[row * pitch + column];
            float* to = out + ((row / grid) * (n / grid) + column / grid) * n_rays;
            for (std::size_t i = 0; i < n_rays; ++i) {
                int steps = 0;
                while (own != 0) {
                    ++steps;
                    // The pixel whose square holds the point; middles lie at halves.
                    const double x = static_cast<double>(column) + 0.5 + steps * directions[i].cos;
                    const double y = static_cast<double>(row) + 0.5 + steps * directions[i].sin;
                    if (!(x >= 0.0 && y >= 0.0 && x < side && y < side)) {
                        break;
                    }
                    if (instance[static_cast<std::ptrdiff_t>(y) * pitch + static_cast<std::ptrdiff_t>(x)] != own) {
                        break;
                    }
                }
                to[i] = static_cast<float>(steps);
            }
        }
        if (points.stop_after(n)) {
            return;
        }
    }
}

void raise_centre(float x, float y, float radius, std::ptrdiff_t n, float* out) {
    const double sigma = std::max(1.0, 0.25 * static_cast<double>(radius));
    const double scale = -0.5 / (sigma * sigma);
    const double reach = 4.0 * sigma;
    const double side = static_cast<double>(n);
    const double middle_x = x;
    const double middle_y = y;
    if (!(middle_x > -reach && middle_y > -reach && middle_x < side + reach && middle_y < side + reach)) {
        return;
    }
    const auto first = [](double place) { return static_cast<std::ptrdiff_t>(std::max(0.0, std::floor(place))); };
    const auto last = [side](double place) { return static_cast<std::ptrdiff_t>(std::min(side, std::ceil(place))); };
    for (std::ptrdiff_t row = first(middle_y - reach); row < last(middle_y + reach); ++row) {
        const double up = static_cast<double>(row) + 0.5 - middle_y;
        const double of_row = exp_double(scale * up * up);
        for (std::ptrdiff_t column = first(middle_x - reach); column < last(middle_x + reach); ++column) {
            const double across = static_cast<double>(column) + 0.5 - middle_x;
            const auto value = static_cast<float>(of_row * exp_double(scale * across * across));
            float& here = out[row * n + column];
            here = value > here ? value : here;
        }
    }
}

}  // namespace nanotilt
