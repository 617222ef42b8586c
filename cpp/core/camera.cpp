#include "camera.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "blur.hpp"
#include "counting.hpp"
#include "coverage.hpp"

namespace nanotilt {
namespace {

// Corners and crossings of one ring.
std::size_t slab_capacity(int n) {
    const auto corners = static_cast<std::size_t>(n);
    return corners + corners * (corners - 1) / 2;
}

// What one view is made in.
struct CameraScratch {
    PixelPoint* points;
    SlabSpan* spans;
    double* crossings;
    double* heights;
    double* differences;
    float* image;  // n_pixels x n_pixels
    float* other;  // as much again, for steps that can't work in place
    float* row;    // with the blur's radius on both sides
};

std::size_t blur_row_floats(const Plan& plan) {
    return static_cast<std::size_t>(plan.camera->n_pixels) + 2 * plan.detector.blur_weights.size();
}

// Doubles that hold so many floats.
std::size_t doubles_for(std::size_t floats) {
    return (floats + 1) / 2;
}

CameraScratch carve(const Plan& plan, double* memory) {
    const auto corners = static_cast<std::size_t>(plan.max_ring_corners);
    const int n = plan.camera->n_pixels;
    const std::size_t n_image = static_cast<std::size_t>(n) * static_cast<std::size_t>(n);
    const auto take = [&memory](std::size_t doubles) { return std::exchange(memory, memory + doubles); };
    CameraScratch s{};
    s.points = reinterpret_cast<PixelPoint*>(take(2 * corners));
    s.spans = reinterpret_cast<SlabSpan*>(take(5 * corners));
    s.crossings = take(corners);
    s.heights = take(slab_capacity(plan.max_ring_corners));
    s.differences = take(CoverageSums::size(n));
    s.image = reinterpret_cast<float*>(take(doubles_for(n_image)));
    s.other = reinterpret_cast<float*>(take(doubles_for(n_image)));
    s.row = reinterpret_cast<float*>(take(doubles_for(blur_row_floats(plan))));
    return s;
}

// Whether all corners are finite: sizes and places near float's largest number overflow, and such a ring can't be drawn.
bool to_pixels(const CameraPlan& camera, const CameraPlan::Turn& turn, const RingSet& rings, const RingSpan& span,
               PixelPoint* points) {
    const double per_length = camera.pixels_per_length;
    const double middle = 0.5 * camera.n_pixels;
    bool finite = true;
    for (int i = 0; i < span.n; ++i) {
        const double x = rings.x[span.begin + i];
        const double y = rings.y[span.begin + i];
        points[i] = {middle + per_length * (x * turn.cos + y * turn.sin), middle - per_length * (y * turn.cos - x * turn.sin)};
        finite = finite && std::isfinite(points[i].x) && std::isfinite(points[i].y);
    }
    return finite;
}

void draw_rings(const CameraPlan& camera, const CameraPlan::Turn& turn, const RingSet& rings, CameraScratch& s) {
    const int n = camera.n_pixels;
    std::fill(s.image, s.image + static_cast<std::ptrdiff_t>(n) * n, 0.0F);
    if (camera.samples_per_side > 0) {
        const auto per_side = static_cast<float>(camera.samples_per_side);
        for (int r = 0; r < rings.n_rings; ++r) {
            const RingSpan& span = rings.spans[r];
            const float weight = span.density / (per_side * per_side);
            if (to_pixels(camera, turn, rings, span, s.points)) {
                add_sampled(s.points, span.n, camera.samples_per_side, n, weight, s.crossings, s.image);
            }
        }
        return;
    }
    CoverageSums sums(n, s.differences);
    for (int r = 0; r < rings.n_rings; ++r) {
        const RingSpan& span = rings.spans[r];
        if (!to_pixels(camera, turn, rings, span, s.points)) {
            continue;
        }
        if (span.simple) {
            // The left edges of a clockwise ring run upwards, so their areas to the right are negative.
            const double weight = -static_cast<double>(rings.weight[span.begin]);
            for (int i = 0; i < span.n; ++i) {
                sums.add_edge(s.points[i], s.points[i + 1 < span.n ? i + 1 : 0], weight);
            }
            continue;
        }
        std::size_t n_heights = 0;
        find_slab_heights(s.points, span.n, [&](double height) { s.heights[n_heights++] = height; });
        add_slabs(s.points, span.n, s.heights, n_heights, s.spans, static_cast<double>(span.density), sums);
    }
    sums.add_to(s.image, 1.0);
}

// Sum over rows, into the first row.
void project_image(float* image, int n) {
    for (int column = 0; column < n; ++column) {
        double sum = 0.0;
        for (int row = 0; row < n; ++row) {
            sum += static_cast<double>(image[static_cast<std::ptrdiff_t>(row) * n + column]);
        }
        image[column] = static_cast<float>(sum);
    }
}

void blur_rows(const float* in, std::ptrdiff_t n_rows, std::ptrdiff_t n, const std::vector<float>& weights, float* padded_row,
               float* out) {
    const auto radius = static_cast<std::ptrdiff_t>(weights.size()) - 1;
    float* row = padded_row + radius;
    for (std::ptrdiff_t r = 0; r < n_rows; ++r) {
        for (std::ptrdiff_t i = -radius; i < n + radius; ++i) {
            row[i] = in[r * n + reflected(i, n)];
        }
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            float sum = weights[0] * row[i];
            for (std::ptrdiff_t j = 1; j <= radius; ++j) {
                sum += weights[static_cast<std::size_t>(j)] * (row[i - j] + row[i + j]);
            }
            out[r * n + i] = sum;
        }
    }
}

void blur_columns(const float* in, std::ptrdiff_t n, const std::vector<float>& weights, float* out) {
    const auto radius = static_cast<std::ptrdiff_t>(weights.size()) - 1;
    for (std::ptrdiff_t r = 0; r < n; ++r) {
        float* sums = out + r * n;
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            sums[i] = weights[0] * in[r * n + i];
        }
        for (std::ptrdiff_t j = 1; j <= radius; ++j) {
            const float* above = in + reflected(r - j, n) * n;
            const float* below = in + reflected(r + j, n) * n;
            for (std::ptrdiff_t i = 0; i < n; ++i) {
                sums[i] += weights[static_cast<std::size_t>(j)] * (above[i] + below[i]);
            }
        }
    }
}

void add_noise(const CameraPlan& camera, const StreamPosition& at, std::ptrdiff_t first_value, std::ptrdiff_t n_values,
               const float* noise, float* values) {
    const auto level = static_cast<float>(camera.noise_level);
    switch (camera.noise) {
        case NoiseKind::none:
            return;
        case NoiseKind::poisson:
            return count_electrons(values, static_cast<int>(n_values), camera.noise_level, at,
                                   static_cast<std::uint32_t>(first_value));
        default:
            for (std::ptrdiff_t i = 0; i < n_values; ++i) {
                values[i] += level * noise[first_value + i];
            }
    }
}

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

std::size_t camera_scratch_doubles(const Plan& plan) {
    const auto corners = static_cast<std::size_t>(plan.max_ring_corners);
    const int n = plan.camera->n_pixels;
    const std::size_t n_image = static_cast<std::size_t>(n) * static_cast<std::size_t>(n);
    return 8 * corners + slab_capacity(plan.max_ring_corners) + CoverageSums::size(n) + 2 * doubles_for(n_image) +
           doubles_for(blur_row_floats(plan));
}

void photograph(const Plan& plan, const RingSet& rings, const StreamPosition& at, const float* noise, float* views,
                double* scratch) {
    const CameraPlan& camera = *plan.camera;
    const DetectorPlan& detector = plan.detector;
    CameraScratch s = carve(plan, scratch);
    const std::ptrdiff_t n = camera.n_pixels;
    const std::ptrdiff_t n_values = detector.n_bins;
    for (std::size_t v = 0; v < camera.turns.size(); ++v) {
        draw_rings(camera, camera.turns[v], rings, s);
        if (camera.projected) {
            project_image(s.image, camera.n_pixels);
        }
        for (std::ptrdiff_t i = 0; i < n_values; ++i) {
            s.image[i] += detector.background;
        }
        if (detector.blur_weights.size() > 1) {
            blur_rows(s.image, camera.n_rows(), n, detector.blur_weights, s.row, s.other);
            if (camera.projected) {
                std::swap(s.image, s.other);
            } else {
                blur_columns(s.other, n, detector.blur_weights, s.image);
            }
        }
        const std::ptrdiff_t first_value = static_cast<std::ptrdiff_t>(v) * n_values;
        add_noise(camera, at, first_value, n_values, noise, s.image);
        if (camera.remove_background) {
            remove_background(s.image, camera.n_rows(), n);
        }
        if (camera.centring) {
            centre_of_mass_roll(s.image, camera.n_rows(), n, s.other);
        }
        float* out = views + first_value;
        for (std::ptrdiff_t i = 0; i < n_values; ++i) {
            out[i] = (s.image[i] - detector.normalise_offset) * detector.normalise_scale;
        }
    }
}

void remove_background(float* image, std::ptrdiff_t n_rows, std::ptrdiff_t n_columns) {
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
    for (std::ptrdiff_t i = 0; i < n_rows * n_columns; ++i) {
        image[i] = std::max(image[i] - level, 0.0F);
    }
}

void centre_of_mass_roll(float* image, std::ptrdiff_t n_rows, std::ptrdiff_t n_columns, float* scratch) {
    double mass = 0.0;
    double row_moment = 0.0;
    double column_moment = 0.0;
    for (std::ptrdiff_t row = 0; row < n_rows; ++row) {
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
    std::memcpy(scratch, image, static_cast<std::size_t>(n_rows * n_columns) * sizeof(float));
    for (std::ptrdiff_t row = 0; row < n_rows; ++row) {
        const float* from = scratch + row * n_columns;
        float* to = image + (row + down) % n_rows * n_columns;
        std::memcpy(to + right, from, static_cast<std::size_t>(n_columns - right) * sizeof(float));
        std::memcpy(to, from + n_columns - right, static_cast<std::size_t>(right) * sizeof(float));
    }
}

}  // namespace nanotilt
