#include "image_preprocessing.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace nanotilt {
namespace {

struct RowSums {
    double mass;
    double moment;
};

// In eight lanes: one sum would wait for itself at every value, which takes twice as long.
RowSums sums_of_row(const float* row, std::ptrdiff_t n) {
    constexpr std::ptrdiff_t lanes = 8;
    double mass[lanes] = {};
    double moment[lanes] = {};
    std::ptrdiff_t first = 0;
    for (; first + lanes <= n; first += lanes) {
        for (std::ptrdiff_t lane = 0; lane < lanes; ++lane) {
            const auto value = static_cast<double>(row[first + lane]);
            mass[lane] += value;
            moment[lane] += value * static_cast<double>(first + lane);
        }
    }
    for (std::ptrdiff_t i = first; i < n; ++i) {
        const auto value = static_cast<double>(row[i]);
        mass[i - first] += value;
        moment[i - first] += value * static_cast<double>(i);
    }
    RowSums sums{0.0, 0.0};
    for (std::ptrdiff_t lane = 0; lane < lanes; ++lane) {
        sums.mass += mass[lane];
        sums.moment += moment[lane];
    }
    return sums;
}

// By how much to roll to bring a centre of mass next to the middle.
std::ptrdiff_t roll_of(double mass, double moment, std::ptrdiff_t n) {
    return static_cast<std::ptrdiff_t>(std::floor(0.5 * static_cast<double>(n - 1) - moment / mass + 0.5));
}

}  // namespace

void remove_background(float* image, std::ptrdiff_t n_rows, std::ptrdiff_t n_columns, StopPoints& points) {
    float level = image[0];
    const auto meet = [&](std::ptrdiff_t row, std::ptrdiff_t column) { level = std::max(level, image[row * n_columns + column]); };
    for (std::ptrdiff_t column = 0; column < n_columns; ++column) {
        meet(0, column);
        meet(n_rows - 1, column);
    }
    for (std::ptrdiff_t row = 0; row < n_rows; ++row) {
        meet(row, 0);
        meet(row, n_columns - 1);
    }
    for (std::ptrdiff_t row = 0; row < n_rows && !points.stop_after(n_columns); ++row) {
        for (std::ptrdiff_t i = row * n_columns; i < (row + 1) * n_columns; ++i) {
            image[i] = std::max(image[i] - level, 0.0F);
        }
    }
}

void centre_of_mass_roll(float* image, std::ptrdiff_t n_rows, std::ptrdiff_t n_columns, float* scratch, StopPoints& points) {
    double mass = 0.0;
    double row_moment = 0.0;
    double column_moment = 0.0;
    for (std::ptrdiff_t row = 0; row < n_rows && !points.stop_after(n_columns); ++row) {
        const RowSums sums = sums_of_row(image + row * n_columns, n_columns);
        mass += sums.mass;
        row_moment += sums.mass * static_cast<double>(row);
        column_moment += sums.moment;
    }
    const double row_centre = row_moment / mass;
    const double column_centre = column_moment / mass;
    // Negative values can put the centre of mass outside; then it means nothing.
    if (!(mass > 0.0) || !(row_centre >= 0.0 && row_centre <= static_cast<double>(n_rows - 1)) ||
        !(column_centre >= 0.0 && column_centre <= static_cast<double>(n_columns - 1))) {
        return;
    }
    const std::ptrdiff_t down = (roll_of(mass, row_moment, n_rows) + n_rows) % n_rows;
    const std::ptrdiff_t right = (roll_of(mass, column_moment, n_columns) + n_columns) % n_columns;
    for (std::ptrdiff_t row = 0; row < n_rows && !points.stop_after(n_columns); ++row) {
        std::memcpy(scratch + row * n_columns, image + row * n_columns, static_cast<std::size_t>(n_columns) * sizeof(float));
    }
    for (std::ptrdiff_t row = 0; row < n_rows && !points.stop_after(n_columns); ++row) {
        const float* from = scratch + row * n_columns;
        float* to = image + (row + down) % n_rows * n_columns;
        std::memcpy(to + right, from, static_cast<std::size_t>(n_columns - right) * sizeof(float));
        std::memcpy(to, from + n_columns - right, static_cast<std::size_t>(right) * sizeof(float));
    }
}

}  // namespace nanotilt
