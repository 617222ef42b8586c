#include "camera_images.hpp"

#include <algorithm>
#include <cmath>

#include "../geometry/coverage.hpp"

namespace nanotilt {
namespace {

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

CameraScratch take_camera_scratch(Arena& arena, const Plan& plan) {
    const std::ptrdiff_t n = plan.camera->n_pixels;
    const std::ptrdiff_t corners = plan.max_ring_corners;
    const std::ptrdiff_t blur_margin = padded(static_cast<int>(plan.detector.blur_weights.size()) - 1);
    const std::ptrdiff_t row = padded(plan.camera->n_pixels);
    CameraScratch s{};
    s.differences = arena.take<double>(static_cast<std::ptrdiff_t>(CoverageSums::size(plan.camera->n_pixels)));
    s.sums = arena.take<double>(2 * n);
    s.image = arena.take<float>(n, n);
    s.other = arena.take<float>(n, n);
    s.row = arena.take_inside<float>(blur_margin, row);
    s.blurred = arena.take_inside<float>(blur_margin, row);
    s.points = arena.take<PixelPoint>(corners);
    s.spans = arena.take<SlabSpan>(corners);
    s.crossings = arena.take<double>(corners);
    s.places = arena.take<double>(corners + corners * (corners - 1) / 2);  // corners and crossings of one ring
    return s;
}

void clear_camera_scratch(const Plan& plan, CameraScratch& s, StopPoints& points) {
    const int n = plan.camera->n_pixels;
    clear_rows(s.differences, n + 2, n, points);
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
