// Images of a sample's particle, or their sums along y, as a camera takes them: coverage, background, blur, noise, preprocessing.
#pragma once

#include <utility>

#include "../base/stop.hpp"
#include "../geometry/rings.hpp"
#include "../instruments/camera_images.hpp"
#include "../program/plan.hpp"
#include "counting.hpp"
#include "images.hpp"
#include "projection.hpp"

namespace nanotilt {

/// Whether all of a particle, as turned, is within the image's height, and no further to its sides than the image is wide.
static inline bool within_image(const RingSet& rings, const ProjectionScratch& s, float half_height, float n_pixels) {
    std::int32_t outside = 0;
    for (int i = 0; i < rings.n_points; ++i) {
        outside |= static_cast<std::int32_t>(!(magnitude(s.y[i]) <= half_height)) |
                   static_cast<std::int32_t>(!(magnitude(s.u[i]) <= 2.0F * n_pixels));
    }
    return outside == 0;
}

/// An image's sum along y without the image: exact means over the columns of the particle's thickness, in pixels. False, and
/// nothing is written, where the image cuts the particle off above or below.
static inline bool project_rings(const Plan& plan, const ViewAngle& angle, const RingSet& rings, const ProjectionScratch& s,
                                 float* __restrict out, StopPoints& points) {
    const DetectorPlan& d = plan.detector;
    const ViewGeometry geometry{angle.sin, angle.cos, 0.0F, 0.0F, d.lower, d.bins_per_length, d.n_bins, Sampling::bin};
    meet_edges(rings, geometry, s);
    const float half_height = 0.5F * static_cast<float>(d.n_bins) / d.bins_per_length;
    if (!within_image(rings, s, half_height, static_cast<float>(d.n_bins))) {
        return false;
    }
    const bool any_marked = add_edges(rings, geometry, s, points);
    write_thickness(d.n_bins, any_marked, s, 0.0F, out);
    for (int i = 0; i < d.n_bins; ++i) {
        out[i] = out[i] * d.bins_per_length + d.background;
    }
    return true;
}

/// An image before blur and noise.
static inline void draw_image(const Plan& plan, std::size_t view, const RingSet& rings, float background, CameraScratch& s,
                              StopPoints& points) {
    const std::ptrdiff_t n = plan.camera->n_pixels;
    if (plan.camera->samples_per_side == 0) {
        const CoveredRows rows = cover(plan, view, rings, s, points);
        return write_covered(rows, n, background, s.differences, s.sums, s.image, points);
    }
    draw_sampled(plan, view, rings, s, points);
    for (std::ptrdiff_t row = 0; row < n && !points.stop_after(n / 8); ++row) {
        float* __restrict values = s.image + row * n;
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            values[i] += background;
        }
    }
}

/// The sum of an image along y.
static inline void draw_projected(const Plan& plan, std::size_t view, const RingSet& rings, CameraScratch& s,
                                  const ProjectionScratch& projection, StopPoints& points) {
    const DetectorPlan& detector = plan.detector;
    if (plan.camera->samples_per_side == 0 && project_rings(plan, detector.views[view], rings, projection, s.image, points)) {
        return;
    }
    const std::ptrdiff_t n = plan.camera->n_pixels;
    draw_image(plan, view, rings, 0.0F, s, points);
    sum_columns(s.image, n, n, s.sums, points);
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        s.image[i] += detector.background;
    }
}

static inline void add_noise(const CameraPlan& camera, const StreamPosition& at, std::ptrdiff_t first_value,
                             std::ptrdiff_t n_values, const float* __restrict noise, float* __restrict values, StopPoints& points) {
    switch (camera.noise_kind) {
        case NoiseKind::none:
            return;
        case NoiseKind::poisson:
            return count(values, n_values, camera.noise_level, camera.counting, at, first_value, points);
        default: {
            const auto level = static_cast<float>(camera.noise_level);
            for (std::ptrdiff_t i = 0; i < n_values; ++i) {
                values[i] += level * noise[first_value + i];
            }
        }
    }
}

/// All views of a particle, (n_views, n_pixels, n_pixels) or projected (n_views, n_pixels). Rows run downwards from +y. `noise`:
/// uniform numbers or normals, one for each value, if the camera's noise asks for them. Takes no memory and throws nothing.
static inline void photograph(const Plan& plan, const RingSet& rings, const StreamPosition& at, const float* noise, float* views,
                              CameraScratch& s, const ProjectionScratch& projection, StopPoints& points) {
    const CameraPlan& camera = *plan.camera;
    const DetectorPlan& detector = plan.detector;
    const std::ptrdiff_t n = camera.n_pixels;
    const std::ptrdiff_t n_rows = camera.n_rows();
    const std::ptrdiff_t n_values = n_rows * n;
    for (std::size_t v = 0; v < camera.turns.size(); ++v) {
        if (camera.projected) {
            draw_projected(plan, v, rings, s, projection, points);
        } else {
            draw_image(plan, v, rings, detector.background, s, points);
        }
        if (detector.blur_weights.size() > 1) {
            blur_rows(s.image, n_rows, n, detector.blur_weights, s.row, s.blurred, s.other, points);
            if (camera.projected) {
                std::swap(s.image, s.other);
            } else {
                blur_columns(s.other, n, detector.blur_weights, s.image, points);
            }
        }
        const std::ptrdiff_t first_value = static_cast<std::ptrdiff_t>(v) * n_values;
        add_noise(camera, at, first_value, n_values, noise, s.image, points);
        if (camera.remove_background) {
            subtract_level(s.image, n_values, rim_level(s.image, n_rows, n));
        }
        const Roll roll = camera.rolls_to_middle ? roll_to_middle(s.image, n_rows, n, s.sums, points) : Roll{0, 0};
        write_rolled(s.image, n_rows, n, roll, detector.normalise_offset, detector.normalise_scale, views + first_value, points);
        if (points.stop_after(n_values)) {
            return;
        }
    }
}

}  // namespace nanotilt
