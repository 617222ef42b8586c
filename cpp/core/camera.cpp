#include "camera.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "blur.hpp"
#include "counting.hpp"
#include "coverage.hpp"
#include "image_preprocessing.hpp"

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

void draw_rings(const CameraPlan& camera, const CameraPlan::Turn& turn, const RingSet& rings, CameraScratch& s,
                StopPoints& points) {
    const int n = camera.n_pixels;
    clear_rows(s.image, n, n, points);
    if (camera.samples_per_side > 0) {
        const auto per_side = static_cast<float>(camera.samples_per_side);
        for (int r = 0; r < rings.n_rings; ++r) {
            const RingSpan& span = rings.spans[r];
            const float weight = span.density / (per_side * per_side);
            if (to_pixels(camera, turn, rings, span, s.points)) {
                add_sampled(s.points, span.n, camera.samples_per_side, n, weight, s.crossings, s.image, points);
            }
        }
        return;
    }
    CoverageSums sums(n, s.differences, points);
    for (int r = 0; r < rings.n_rings; ++r) {
        const RingSpan& span = rings.spans[r];
        if (!to_pixels(camera, turn, rings, span, s.points)) {
            continue;
        }
        if (span.simple) {
            // The left edges of a clockwise ring run upwards, so their areas to the right are negative.
            const double weight = -static_cast<double>(rings.weight[span.begin]);
            for (int i = 0; i < span.n && !points.stop_after(100); ++i) {
                sums.add_edge(s.points[i], s.points[i + 1 < span.n ? i + 1 : 0], weight);
            }
            continue;
        }
        std::size_t n_heights = 0;
        find_slab_heights(s.points, span.n, [&](double height) { s.heights[n_heights++] = height; }, points);
        add_slabs(s.points, span.n, s.heights, n_heights, s.spans, static_cast<double>(span.density), sums, points);
    }
    sums.add_to(s.image, 1.0, points);
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
               float* out, StopPoints& points) {
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
            if (points.stop_after(radius)) {
                return;
            }
        }
    }
}

void blur_columns(const float* in, std::ptrdiff_t n, const std::vector<float>& weights, float* out, StopPoints& points) {
    const auto radius = static_cast<std::ptrdiff_t>(weights.size()) - 1;
    for (std::ptrdiff_t r = 0; r < n; ++r) {
        float* sums = out + r * n;
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            sums[i] = weights[0] * in[r * n + i];
        }
        for (std::ptrdiff_t j = 1; j <= radius && !points.stop_after(n / 4); ++j) {
            const float* above = in + reflected(r - j, n) * n;
            const float* below = in + reflected(r + j, n) * n;
            for (std::ptrdiff_t i = 0; i < n; ++i) {
                sums[i] += weights[static_cast<std::size_t>(j)] * (above[i] + below[i]);
            }
        }
    }
}

void add_noise(const CameraPlan& camera, const StreamPosition& at, std::ptrdiff_t first_value, std::ptrdiff_t n_values,
               const float* noise, float* values, StopPoints& points) {
    const auto level = static_cast<float>(camera.noise_level);
    switch (camera.noise) {
        case NoiseKind::none:
            return;
        case NoiseKind::poisson:
            return count_electrons(values, static_cast<int>(n_values), camera.noise_level, at,
                                   static_cast<std::uint32_t>(first_value), points);
        default:
            for (std::ptrdiff_t i = 0; i < n_values; ++i) {
                values[i] += level * noise[first_value + i];
            }
    }
}

}  // namespace

std::size_t camera_scratch_doubles(const Plan& plan) {
    const auto corners = static_cast<std::size_t>(plan.max_ring_corners);
    const int n = plan.camera->n_pixels;
    const std::size_t n_image = static_cast<std::size_t>(n) * static_cast<std::size_t>(n);
    return 8 * corners + slab_capacity(plan.max_ring_corners) + CoverageSums::size(n) + 2 * doubles_for(n_image) +
           doubles_for(blur_row_floats(plan));
}

void photograph(const Plan& plan, const RingSet& rings, const StreamPosition& at, const float* noise, float* views, double* scratch,
                StopPoints& points) {
    const CameraPlan& camera = *plan.camera;
    const DetectorPlan& detector = plan.detector;
    CameraScratch s = carve(plan, scratch);
    const std::ptrdiff_t n = camera.n_pixels;
    const std::ptrdiff_t n_values = detector.n_bins;
    for (std::size_t v = 0; v < camera.turns.size(); ++v) {
        draw_rings(camera, camera.turns[v], rings, s, points);
        if (camera.projected) {
            project_image(s.image, camera.n_pixels);
        }
        for (std::ptrdiff_t i = 0; i < n_values; ++i) {
            s.image[i] += detector.background;
        }
        if (detector.blur_weights.size() > 1) {
            blur_rows(s.image, camera.n_rows(), n, detector.blur_weights, s.row, s.other, points);
            if (camera.projected) {
                std::swap(s.image, s.other);
            } else {
                blur_columns(s.other, n, detector.blur_weights, s.image, points);
            }
        }
        const std::ptrdiff_t first_value = static_cast<std::ptrdiff_t>(v) * n_values;
        add_noise(camera, at, first_value, n_values, noise, s.image, points);
        if (camera.remove_background) {
            remove_background(s.image, camera.n_rows(), n, points);
        }
        if (camera.centring) {
            centre_of_mass_roll(s.image, camera.n_rows(), n, s.other, points);
        }
        float* out = views + first_value;
        for (std::ptrdiff_t i = 0; i < n_values; ++i) {
            out[i] = (s.image[i] - detector.normalise_offset) * detector.normalise_scale;
        }
    }
}

}  // namespace nanotilt
