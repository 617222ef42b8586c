// What is done to whole images, row by row in vectors: covered shares added up, noise, background, blur, rolls.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../base/stop.hpp"
#include "../geometry/blur.hpp"
#include "../instruments/camera_images.hpp"
#include "detector.hpp"

namespace nanotilt {

/// Sums over a row or more that are added up in eight lanes: one sum would wait for itself at every value.
inline constexpr std::ptrdiff_t sum_lanes = 8;

static inline void fill(float* __restrict values, std::ptrdiff_t n, float value) {
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        values[i] = value;
    }
}

/// Covered shares plus background from differences of rows (coverage.hpp), which are zero again afterwards. `covered` holds n.
static inline void write_covered(const CoveredRows& rows, std::ptrdiff_t n, float background, double* __restrict differences,
                                 double* __restrict covered, float* __restrict image, StopPoints& points) {
    for (std::ptrdiff_t row = 0; row < n && !points.stop_after(n / 8); ++row) {
        if (row < rows.first || row >= rows.end) {
            fill(image + row * n, n, background);
        }
    }
    for (std::ptrdiff_t column = 0; column < n; ++column) {
        covered[column] = 0.0;
    }
    for (std::ptrdiff_t row = rows.first; row < rows.end && !points.stop_after(n / 4); ++row) {
        double* __restrict difference = differences + row * n;
        if (row >= n) {  // beyond the lower side
            std::memset(difference, 0, static_cast<std::size_t>(n) * sizeof(double));
            continue;
        }
        float* __restrict out = image + row * n;
        for (std::ptrdiff_t column = 0; column < n; ++column) {
            const double share = covered[column] + difference[column];
            covered[column] = share;
            difference[column] = 0.0;
            out[column] = static_cast<float>(share) + background;
        }
    }
}

/// Sums of an image's columns, in place of its first row. `sums` holds n.
static inline void sum_columns(float* __restrict image, std::ptrdiff_t n_rows, std::ptrdiff_t n, double* __restrict sums,
                               StopPoints& points) {
    for (std::ptrdiff_t column = 0; column < n; ++column) {
        sums[column] = 0.0;
    }
    for (std::ptrdiff_t row = 0; row < n_rows && !points.stop_after(n / 8); ++row) {
        for (std::ptrdiff_t column = 0; column < n; ++column) {
            sums[column] += static_cast<double>(image[row * n + column]);
        }
    }
    for (std::ptrdiff_t column = 0; column < n; ++column) {
        image[column] = static_cast<float>(sums[column]);
    }
}

/// `row` has room for the blur's radius and a vector on both sides of n values.
static inline void blur_rows(const float* in, std::ptrdiff_t n_rows, std::ptrdiff_t n, const std::vector<float>& weights,
                             float* __restrict row, float* __restrict scratch, float* __restrict out, StopPoints& points) {
    const auto radius = static_cast<std::ptrdiff_t>(weights.size()) - 1;
    for (std::ptrdiff_t r = 0; r < n_rows && !points.stop_after((radius + 1) * n / 8); ++r) {
        std::memcpy(row, in + r * n, static_cast<std::size_t>(n) * sizeof(float));
        reflect_ends(row, n, radius);
        float* __restrict to = out + r * n;
        blur(row, n, weights.data(), radius, scratch, [=](std::ptrdiff_t i, float sum) { to[i] = sum; }, points);
    }
}

static inline void blur_columns(const float* in, std::ptrdiff_t n, const std::vector<float>& weights, float* out,
                                StopPoints& points) {
    const auto radius = static_cast<std::ptrdiff_t>(weights.size()) - 1;
    for (std::ptrdiff_t r = 0; r < n; ++r) {
        float* __restrict sums = out + r * n;
        const float* __restrict own = in + r * n;
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            sums[i] = weights[0] * own[i];
        }
        for (std::ptrdiff_t j = 1; j <= radius && !points.stop_after(n / 4); ++j) {
            const float weight = weights[static_cast<std::size_t>(j)];
            const float* __restrict above = in + reflected(r - j, n) * n;
            const float* __restrict below = in + reflected(r + j, n) * n;
            for (std::ptrdiff_t i = 0; i < n; ++i) {
                sums[i] += weight * (above[i] + below[i]);
            }
        }
    }
}

static inline float larger(float a, float b) {
    return a < b ? b : a;
}

/// The largest value of an image's outermost pixels, where no particle is.
static inline float rim_level(const float* image, std::ptrdiff_t n_rows, std::ptrdiff_t n_columns) {
    const float* __restrict upper = image;
    const float* __restrict lower = image + (n_rows - 1) * n_columns;
    float level = image[0];
    for (std::ptrdiff_t row = 0; row < n_rows; ++row) {
        level = larger(larger(level, image[row * n_columns]), image[row * n_columns + n_columns - 1]);
    }
    float lanes[lane_count];
    fill(lanes, lane_count, level);
    std::ptrdiff_t first = 0;
    for (; first + lane_count <= n_columns; first += lane_count) {
        NANOTILT_LANES
        for (std::ptrdiff_t lane = 0; lane < lane_count; ++lane) {
            lanes[lane] = larger(larger(lanes[lane], upper[first + lane]), lower[first + lane]);
        }
    }
    for (std::ptrdiff_t i = first; i < n_columns; ++i) {
        lanes[0] = larger(larger(lanes[0], upper[i]), lower[i]);
    }
    for (const float lane : lanes) {
        level = larger(level, lane);
    }
    return level;
}

/// Subtracts `level` and cuts what is below at 0.
static inline void subtract_level(float* __restrict values, std::ptrdiff_t n, float level) {
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        values[i] = larger(values[i] - level, 0.0F);
    }
}

/// By how many rows and columns an image is rolled, downwards and to the right.
struct Roll {
    std::ptrdiff_t down;
    std::ptrdiff_t right;
};

static inline std::ptrdiff_t roll_of(double centre, std::ptrdiff_t n) {
    const auto by = static_cast<std::ptrdiff_t>(std::floor(0.5 * static_cast<double>(n - 1) - centre + 0.5));
    return (by + n) % n;
}

/// The roll by whole pixels that brings an image's centre of mass as close to its middle, (n - 1) / 2, as that can. None for an
/// image without mass, with a negative one, or where negative values put the centre of mass outside: then it means nothing.
/// `sums` holds 2 * n_columns.
static inline Roll roll_to_middle(const float* __restrict image, std::ptrdiff_t n_rows, std::ptrdiff_t n_columns,
                                  double* __restrict sums, StopPoints& points) {
    double* __restrict mass_of = sums;  // of each column, and its moment about the first row
    double* __restrict moment_of = sums + n_columns;
    for (std::ptrdiff_t i = 0; i < 2 * n_columns; ++i) {
        sums[i] = 0.0;
    }
    // Four rows at a time, so that the sums are read and written a quarter as often; what is left one by one.
    std::ptrdiff_t row = 0;
    for (; row + 4 <= n_rows && !points.stop_after(2 * n_columns); row += 4) {
        const auto height = static_cast<double>(row);
        const float* __restrict values = image + row * n_columns;
        for (std::ptrdiff_t i = 0; i < n_columns; ++i) {
            const auto value0 = static_cast<double>(values[i]);
            const auto value1 = static_cast<double>(values[n_columns + i]);
            const auto value2 = static_cast<double>(values[2 * n_columns + i]);
            const auto value3 = static_cast<double>(values[3 * n_columns + i]);
            const double last = value2 + value3;
            const double mass = (value0 + value1) + last;
            mass_of[i] += mass;
            moment_of[i] += mass * height + ((value1 + value3) + (last + last));
        }
    }
    for (; row < n_rows; ++row) {
        const auto height = static_cast<double>(row);
        const float* __restrict values = image + row * n_columns;
        for (std::ptrdiff_t i = 0; i < n_columns; ++i) {
            const auto value = static_cast<double>(values[i]);
            mass_of[i] += value;
            moment_of[i] += value * height;
        }
    }
    double lanes[3][sum_lanes] = {};  // mass, moment along rows, moment along columns
    for (std::ptrdiff_t first = 0; first < n_columns; first += sum_lanes) {
        const std::ptrdiff_t count = n_columns - first < sum_lanes ? n_columns - first : sum_lanes;
        for (std::ptrdiff_t lane = 0; lane < count; ++lane) {
            lanes[0][lane] += mass_of[first + lane];
            lanes[1][lane] += mass_of[first + lane] * static_cast<double>(first + lane);
            lanes[2][lane] += moment_of[first + lane];
        }
    }
    double total[3] = {};
    for (int sum = 0; sum < 3; ++sum) {
        for (const double lane : lanes[sum]) {
            total[sum] += lane;
        }
    }
    const double column_centre = total[1] / total[0];
    const double row_centre = total[2] / total[0];
    if (!(total[0] > 0.0) || !(row_centre >= 0.0 && row_centre <= static_cast<double>(n_rows - 1)) ||
        !(column_centre >= 0.0 && column_centre <= static_cast<double>(n_columns - 1))) {
        return {0, 0};
    }
    return {roll_of(row_centre, n_rows), roll_of(column_centre, n_columns)};
}

/// out = (value - offset) * scale of an image rolled; what leaves on one side comes in on the other.
static inline void write_rolled(const float* image, std::ptrdiff_t n_rows, std::ptrdiff_t n_columns, const Roll& roll, float offset,
                                float scale, float* out, StopPoints& points) {
    const std::ptrdiff_t kept = n_columns - roll.right;
    for (std::ptrdiff_t row = 0; row < n_rows && !points.stop_after(n_columns / 8); ++row) {
        const float* __restrict from = image + row * n_columns;
        float* __restrict to = out + (row + roll.down < n_rows ? row + roll.down : row + roll.down - n_rows) * n_columns;
        for (std::ptrdiff_t i = 0; i < kept; ++i) {
            to[roll.right + i] = (from[i] - offset) * scale;
        }
        for (std::ptrdiff_t i = 0; i < roll.right; ++i) {
            to[i] = (from[kept + i] - offset) * scale;
        }
    }
}

}  // namespace nanotilt
