#include "labels.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "../base/elementary.hpp"
#include "envelope.hpp"

namespace nanotilt {
namespace {

constexpr int n_rays = 32;
constexpr std::ptrdiff_t grid = 2;

/// Rows up or down to the nearest pixel of a column that is of another instance; `none` where there is none.
void find_heights(const InstanceMap& map, std::int32_t none, std::int32_t* heights) {
    const std::ptrdiff_t n = map.columns;
    std::fill(heights, heights + n, none);
    for (std::ptrdiff_t row = 1; row < map.rows; ++row) {
        const std::int32_t* own = map.row(row);
        const std::int32_t* above = map.row(row - 1);
        std::int32_t* here = heights + row * n;
        for (std::ptrdiff_t column = 0; column < n; ++column) {
            const std::int32_t further = std::min(here[column - n] + 1, none);
            here[column] = above[column] == own[column] ? further : 1;
        }
    }
    for (std::ptrdiff_t row = map.rows - 2; row >= 0; --row) {
        const std::int32_t* own = map.row(row);
        const std::int32_t* below = map.row(row + 1);
        std::int32_t* here = heights + row * n;
        for (std::ptrdiff_t column = 0; column < n; ++column) {
            const std::int32_t further = here[column + n] + 1;
            here[column] = std::min(here[column], below[column] == own[column] ? further : 1);
        }
    }
}

/// Of the pixels begin ... end - 1 of one row, all of one instance, which end at other pixels or at the image's edge.
void measure_run(const std::int32_t* heights, std::ptrdiff_t begin, std::ptrdiff_t end, std::ptrdiff_t columns, std::int32_t none,
                 std::int64_t largest, Envelope& envelope, float* out) {
    envelope.clear();
    for (std::ptrdiff_t column = begin; column < end; ++column) {
        if (heights[column] < none) {
            envelope.add(static_cast<std::int32_t>(column), heights, static_cast<std::int32_t>(begin));
        }
    }
    for (std::ptrdiff_t column = end - 1; column >= begin; --column) {
        std::int64_t least = largest;
        if (begin > 0) {
            least = std::min<std::int64_t>(least, (column - begin + 1) * (column - begin + 1));
        }
        if (end < columns) {
            least = std::min<std::int64_t>(least, (end - column) * (end - column));
        }
        const std::int32_t nearest = envelope.take(static_cast<std::int32_t>(column));
        if (nearest >= 0) {
            const std::int64_t up = heights[nearest];
            least = std::min<std::int64_t>(least, (column - nearest) * (column - nearest) + up * up);
        }
        out[column] = static_cast<float>(std::sqrt(static_cast<double>(least)));
    }
}

/// Where the steps along each ray lie, in whole pixels from the pixel that it starts in. Adding its coordinates before rounding
/// down, as `pixel_after` does, gives the same: no step but those along rows and columns ends near a pixel's edge.
struct Step {
    std::int16_t x;
    std::int16_t y;
};

constexpr int n_steps = 128;
constexpr std::size_t n_near = 12;
constexpr std::size_t n_group = 4;

const std::array<SinCosDouble, n_rays>& directions() {
    static const auto made = [] {
        std::array<SinCosDouble, n_rays> all{};
        for (std::size_t i = 0; i < n_rays; ++i) {
            all[i] = sincos_double(2.0 * pi * static_cast<double>(i) / n_rays);
        }
        return all;
    }();
    return made;
}

Step pixel_after(int steps, const SinCosDouble& direction) {
    return {static_cast<std::int16_t>(std::floor(0.5 + steps * direction.cos)),
            static_cast<std::int16_t>(std::floor(0.5 + steps * direction.sin))};
}

const std::array<std::array<Step, n_steps>, n_rays>& step_table() {
    static const auto made = [] {
        std::array<std::array<Step, n_steps>, n_rays> all{};
        for (std::size_t i = 0; i < n_rays; ++i) {
            for (std::size_t k = 0; k < n_steps; ++k) {
                all[i][k] = pixel_after(static_cast<int>(k) + 1, directions()[i]);
            }
        }
        return all;
    }();
    return made;
}

/// Steps along a ray until it leaves its instance, or `safe` + 1 if it does not so soon. All steps of a group are looked at, and
/// the first that leaves is read from bits: how long a ray is no processor foresees, and each wrong guess takes as long as ten
/// steps.
std::size_t steps_near(const std::int32_t* here, const std::array<std::ptrdiff_t, n_near>& near, std::int32_t own,
                       std::size_t safe) {
    std::size_t walked = 0;
    for (; walked < safe; walked += n_group) {
        std::uint32_t left = 0;
        for (std::size_t k = 0; k < n_group; ++k) {
            left |= static_cast<std::uint32_t>(here[near[walked + k]] != own) << k;
        }
        if (left != 0) {
            return walked + 1 + static_cast<std::size_t>(std::countr_zero(left));
        }
    }
    return walked + 1;
}

}  // namespace

void mark_boundary(const InstanceMap& map, std::uint8_t* out) {
    const std::ptrdiff_t n = map.columns;
    for (std::ptrdiff_t row = 0; row < map.rows; ++row) {
        const std::int32_t* own = map.row(row);
        const std::int32_t* above = row > 0 ? own - map.pitch : own;
        const std::int32_t* below = row + 1 < map.rows ? own + map.pitch : own;
        std::uint8_t* to = out + row * n;
        const auto mark = [&](std::ptrdiff_t column, std::ptrdiff_t left, std::ptrdiff_t right) {
            const std::int32_t here = own[column];
            // Differences are gathered as bits: a chain of || would become branches, which no SIMD unit takes.
            const std::int32_t differs = (above[column] ^ here) | (below[column] ^ here) | (own[left] ^ here) | (own[right] ^ here);
            to[column] = static_cast<std::uint8_t>(static_cast<int>(differs != 0) & static_cast<int>(here != 0));
        };
        mark(0, 0, n > 1 ? 1 : 0);
        for (std::ptrdiff_t column = 1; column < n - 1; ++column) {
            mark(column, column - 1, column + 1);
        }
        mark(n - 1, n > 1 ? n - 2 : 0, n - 1);
    }
}

void measure_distance(const InstanceMap& map, std::int32_t* heights, std::int32_t* places, float* out, StopPoints& points) {
    const std::ptrdiff_t n = map.columns;
    const auto none = static_cast<std::int32_t>(map.rows);
    const auto largest = static_cast<std::int64_t>(map.rows * map.rows + n * n);
    find_heights(map, none, heights);
    Envelope envelope(places, n);
    for (std::ptrdiff_t row = 0; row < map.rows; ++row) {
        const std::int32_t* own = map.row(row);
        float* to = out + row * n;
        for (std::ptrdiff_t begin = 0; begin < n;) {
            std::ptrdiff_t end = begin + 1;
            while (end < n && own[end] == own[begin]) {
                ++end;
            }
            if (own[begin] == 0) {
                std::fill(to + begin, to + end, 0.0F);
            } else {
                // The nearest pixel that is not of this run is at one of its ends, or above or below one of its pixels.
                measure_run(heights + row * n, begin, end, n, none, largest, envelope, to);
            }
            begin = end;
        }
        if (points.stop_after(8 * n)) {
            return;
        }
    }
}

void measure_rays(const InstanceMap& map, float* out, StopPoints& points) {
    const auto& table = step_table();
    // The steps that stay in the image need no look at its edges, and one number tells where each leads.
    std::array<std::array<std::ptrdiff_t, n_near>, n_rays> near;
    for (std::size_t i = 0; i < n_rays; ++i) {
        for (std::size_t k = 0; k < n_near; ++k) {
            near[i][k] = table[i][k].y * map.pitch + table[i][k].x;
        }
    }
    for (std::ptrdiff_t row = 0; row + 1 < map.rows; row += grid) {
        for (std::ptrdiff_t column = 0; column + 1 < map.columns; column += grid) {
            const std::int32_t own = map.row(row)[column];
            float* to = out + ((row / grid) * (map.columns / grid) + column / grid) * n_rays;
            if (own == 0) {
                std::fill(to, to + n_rays, 0.0F);
                continue;
            }
            // Whether a pixel so far away is in the image and of the same instance; a negative place is a large one without sign.
            const auto same = [&](Step step) {
                const auto x = static_cast<std::size_t>(column + step.x);
                const auto y = static_cast<std::size_t>(row + step.y);
                return x < static_cast<std::size_t>(map.columns) && y < static_cast<std::size_t>(map.rows) &&
                       map.row(row + step.y)[column + step.x] == own;
            };
            const std::int32_t* here = map.row(row) + column;
            const std::ptrdiff_t to_edge = std::min(std::min(row, map.rows - 1 - row), std::min(column, map.columns - 1 - column));
            const std::size_t safe = std::min(static_cast<std::size_t>(to_edge), n_near) / n_group * n_group;
            std::ptrdiff_t walked = 0;
            for (std::size_t i = 0; i < n_rays; ++i) {
                auto steps = static_cast<int>(steps_near(here, near[i], own, safe));
                if (steps > static_cast<int>(safe)) {
                    while (same(steps <= n_steps ? table[i][static_cast<std::size_t>(steps - 1)]
                                                 : pixel_after(steps, directions()[i]))) {
                        ++steps;
                    }
                }
                to[i] = static_cast<float>(steps);
                walked += steps;
            }
            if (points.stop_after(2 * walked)) {
                return;
            }
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
    const std::ptrdiff_t right = last(middle_x + reach);
    // In strips, whose exponentials along x are found once for all rows.
    constexpr std::ptrdiff_t width = 64;
    std::array<double, width> of_column;
    for (std::ptrdiff_t left = first(middle_x - reach); left < right; left += width) {
        const std::ptrdiff_t here = std::min(width, right - left);
        for (std::ptrdiff_t i = 0; i < here; ++i) {
            const double across = static_cast<double>(left + i) + 0.5 - middle_x;
            of_column[static_cast<std::size_t>(i)] = exp_double(scale * across * across);
        }
        for (std::ptrdiff_t row = first(middle_y - reach); row < last(middle_y + reach); ++row) {
            const double up = static_cast<double>(row) + 0.5 - middle_y;
            const double of_row = exp_double(scale * up * up);
            float* to = out + row * n + left;
            for (std::ptrdiff_t i = 0; i < here; ++i) {
                const auto value = static_cast<float>(of_row * of_column[static_cast<std::size_t>(i)]);
                to[i] = value > to[i] ? value : to[i];
            }
        }
    }
}

void measure_boxes(const InstanceMap& map, std::ptrdiff_t n, std::int32_t* boxes, std::int32_t* visible) {
    std::fill(boxes, boxes + 4 * n, 0);
    std::fill(visible, visible + n, 0);
    for (std::ptrdiff_t row = 0; row < map.rows; ++row) {
        const std::int32_t* own = map.row(row);
        for (std::ptrdiff_t begin = 0; begin < map.columns;) {
            std::ptrdiff_t end = begin + 1;
            while (end < map.columns && own[end] == own[begin]) {
                ++end;
            }
            if (own[begin] > 0) {
                const std::ptrdiff_t which = own[begin] - 1;
                std::int32_t* box = boxes + 4 * which;
                const bool seen = visible[which] > 0;
                box[0] = static_cast<std::int32_t>(seen ? std::min<std::ptrdiff_t>(box[0], begin) : begin);
                box[1] = seen ? box[1] : static_cast<std::int32_t>(row);
                box[2] = static_cast<std::int32_t>(std::max<std::ptrdiff_t>(box[2], end));
                box[3] = static_cast<std::int32_t>(row + 1);
                visible[which] += static_cast<std::int32_t>(end - begin);
            }
            begin = end;
        }
    }
}

}  // namespace nanotilt
