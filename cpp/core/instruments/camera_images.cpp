#include "camera_images.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "../geometry/coverage.hpp"

namespace nanotilt {
namespace {

// Corners and crossings of one ring.
std::size_t slab_capacity(int n) {
    const auto corners = static_cast<std::size_t>(n);
    return corners + corners * (corners - 1) / 2;
}

std::size_t blur_margin(const Plan& plan) {
    return static_cast<std::size_t>(padded(static_cast<int>(plan.detector.blur_weights.size()) - 1));
}

std::size_t row_floats(const Plan& plan) {
    return static_cast<std::size_t>(padded(plan.camera->n_pixels)) + 2 * blur_margin(plan);
}

// Doubles that hold so many floats, in whole vectors.
std::size_t doubles_for(std::size_t floats) {
    constexpr std::size_t vector = lane_count;
    return (floats + vector - 1) / vector * vector / 2;
}

std::size_t image_doubles(const Plan& plan) {
    const auto n = static_cast<std::size_t>(plan.camera->n_pixels);
    return doubles_for(n * n);
}

// In whole vectors, too.
std::size_t whole(std::size_t doubles) {
    return doubles_for(2 * doubles);
}

// A view's point in pixels.
struct ToPixels {
    double per_length;
    double middle;
    CameraPlan::Turn turn;

    ToPixels(const CameraPlan& camera, std::size_t view)
        : per_length(camera.pixels_per_length), middle(0.5 * camera.n_pixels), turn(camera.turns[view]) {}

    // Whether all corners are finite: sizes and places near float's largest number overflow, and such a ring can't be drawn.
    bool operator()(const RingSet& rings, const RingSpan& span, PixelPoint* points) const {
        bool finite = true;
        for (int i = 0; i < span.n; ++i) {
            const double x = rings.x[span.begin + i];
            const double y = rings.y[span.begin + i];
            points[i] = {middle + per_length * (x * turn.cos + y * turn.sin), middle - per_length * (y * turn.cos - x * turn.sin)};
            finite = finite && std::isfinite(points[i].x) && std::isfinite(points[i].y);
        }
        return finite;
    }
};

}  // namespace

std::size_t camera_scratch_doubles(const Plan& plan) {
    const auto corners = static_cast<std::size_t>(plan.max_ring_corners);
    const int n = plan.camera->n_pixels;
    return whole(CoverageSums::size(n)) + whole(2 * static_cast<std::size_t>(n)) + 2 * image_doubles(plan) +
           2 * doubles_for(row_floats(plan)) + 8 * corners + slab_capacity(plan.max_ring_corners);
}

CameraScratch carve_camera_scratch(const Plan& plan, double* memory, StopPoints& points) {
    const auto corners = static_cast<std::size_t>(plan.max_ring_corners);
    const int n = plan.camera->n_pixels;
    const auto take = [&memory](std::size_t doubles) { return std::exchange(memory, memory + doubles); };
    CameraScratch s{};
    s.differences = take(whole(CoverageSums::size(n)));
    s.sums = take(whole(2 * static_cast<std::size_t>(n)));
    s.image = reinterpret_cast<float*>(take(image_doubles(plan)));
    s.other = reinterpret_cast<float*>(take(image_doubles(plan)));
    s.row = reinterpret_cast<float*>(take(doubles_for(row_floats(plan)))) + blur_margin(plan);
    s.blurred = reinterpret_cast<float*>(take(doubles_for(row_floats(plan))));
    s.points = reinterpret_cast<PixelPoint*>(take(2 * corners));
    s.spans = reinterpret_cast<SlabSpan*>(take(5 * corners));
    s.crossings = take(corners);
    s.places = take(slab_capacity(plan.max_ring_corners));
    clear_rows(s.differences, n + 2, n, points);
    return s;
}

CoveredRows cover(const Plan& plan, std::size_t view, const RingSet& rings, CameraScratch& s, StopPoints& points) {
    const ToPixels to_pixels(*plan.camera, view);
    CoverageSums sums(plan.camera->n_pixels, s.differences);
    for (int r = 0; r < rings.n_rings; ++r) {
        const RingSpan& span = rings.spans[r];
        if (!to_pixels(rings, span, s.points)) {
            continue;
        }
        if (span.simple) {
            // The upper edges of a clockwise ring run to the right, so the areas below them count as they are.
            const auto weight = static_cast<double>(rings.weight[span.begin]);
            for (int i = 0; i < span.n && !points.stop_after(100); ++i) {
                sums.add_edge(s.points[i], s.points[i + 1 < span.n ? i + 1 : 0], weight);
            }
            continue;
        }
        std::size_t n_places = 0;
        find_slab_places(s.points, span.n, [&](double place) { s.places[n_places++] = place; }, points);
        add_slabs(s.points, span.n, s.places, n_places, s.spans, static_cast<double>(span.density), sums, points);
    }
    return {sums.first_row(), sums.end_row()};
}

void draw_sampled(const Plan& plan, std::size_t view, const RingSet& rings, CameraScratch& s, StopPoints& points) {
    const CameraPlan& camera = *plan.camera;
    const ToPixels to_pixels(camera, view);
    const int n = camera.n_pixels;
    const auto per_side = static_cast<float>(camera.samples_per_side);
    clear_rows(s.image, n, n, points);
    for (int r = 0; r < rings.n_rings; ++r) {
        const RingSpan& span = rings.spans[r];
        const float weight = span.density / (per_side * per_side);
        if (to_pixels(rings, span, s.points)) {
            add_sampled(s.points, span.n, camera.samples_per_side, n, weight, s.crossings, s.image, points);
        }
    }
}

}  // namespace nanotilt
