// Bodies of a field drawn: thickness added up, and of which of them each pixel is.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../../base/stop.hpp"
#include "scratch.hpp"
#include "shapes.hpp"

namespace nanotilt {
namespace {

/// Where the beam looks: x of each column, and what is added to x and y in each row.
struct Beam {
    const float* column_x;
    const float* row_x;
    const float* row_y;
};

/// What a body adds to the image for each unit of thickness, and at its edges.
struct Brightness {
    float per_thickness;
    float edge;
};

/// Edges are brighter by 1 / cos of the surface's slope, which is that of a sphere, less 1, up to 4.
inline float edge_of(float gauge) {
    constexpr float flattest = 0.04F;
    const float squared = 1.0F - gauge * gauge;
    const float slope = squared > flattest ? squared : flattest;
    return zero_unless(gauge < 1.0F, 1.0F / std::sqrt(slope) - 1.0F);
}

/// Draws one body whose number in its set is `number`.
template <typename At>
inline void draw_body(const FieldPlan& field, const Body& body, std::int32_t number, int n, const Beam& beam, float margin_x,
                      float margin_y, const Brightness& brightness, bool image, bool labels, FieldScratch& s) {
    const At shape(body, field, s);
    const auto side = static_cast<float>(n);
    const auto clamped = [side](float place) {
        const float low = place > 0.0F ? place : 0.0F;
        return static_cast<int>(low < side ? low : side);
    };
    const float up = 1.002F * body.support[3 * n_directions / 4];
    const float down = 1.002F * body.support[n_directions / 4];
    const float left = 1.002F * body.support[n_directions / 2];
    const float right = 1.002F * body.support[0];
    const int first_row = clamped(body.y - up - margin_y - 1.0F);
    const int end_row = clamped(body.y + down + margin_y + 2.0F);
    for (int row = first_row; row < end_row; ++row) {
        const float y = static_cast<float>(row) + 0.5F + beam.row_y[row] - body.y;
        if (y < -up || y > down) {
            continue;
        }
        const int first = clamped(body.x - left - beam.row_x[row] - margin_x - 1.0F);
        const int end = clamped(body.x + right - beam.row_x[row] + margin_x + 2.0F);
        const float shift = beam.row_x[row] - body.x;
        const std::ptrdiff_t start = static_cast<std::ptrdiff_t>(row) * s.pitch;
        for (int begin = first; begin < end; begin += lane_count) {
            alignas(64) float x[lane_count];
            for (int i = 0; i < lane_count; ++i) {
                x[i] = beam.column_x[begin + i] + shift;
            }
            alignas(64) Lanes lanes;
            shape(x, y, lanes);
            if (image) {
                float* __restrict to = s.bodies_image + start + begin;
                for (int i = 0; i < lane_count; ++i) {
                    to[i] += brightness.per_thickness * lanes.thickness[i];
                }
                if (brightness.edge > 0.0F) {
                    for (int i = 0; i < lane_count; ++i) {
                        to[i] += brightness.edge * edge_of(lanes.gauge[i]);
                    }
                }
            }
            if (labels) {
                float* __restrict depth = s.depth + start + begin;
                std::int32_t* __restrict owner = s.owner + start + begin;
                for (int i = 0; i < lane_count; ++i) {
                    const float deep = 1.0F - lanes.gauge[i];
                    const std::int32_t mine = -static_cast<std::int32_t>(deep > depth[i]);
                    owner[i] = ((number + 1) & mine) | (owner[i] & ~mine);
                    depth[i] = deep > depth[i] ? deep : depth[i];
                }
            }
        }
    }
}

/// Draws all bodies that are not dark: into s.bodies_image if `image`, into s.owner and s.depth if `labels`.
template <typename Dark>
inline void draw_bodies(const FieldPlan& field, const ScanPlan& scan, const BodySet& set, const Beam& beam, bool image, bool labels,
                        const Dark& dark, FieldScratch& s, StopPoints& points) {
    const int n = scan.n_pixels;
    const std::size_t bytes = static_cast<std::size_t>(n) * static_cast<std::size_t>(s.pitch) * sizeof(float);
    if (image) {
        std::memset(s.bodies_image, 0, bytes);
    }
    if (labels) {
        std::memset(s.depth, 0, bytes);
        std::memset(s.owner, 0, bytes);
    }
    float margin_y = 0.0F;
    for (int row = 0; row < n; ++row) {
        const float shift = beam.row_y[row] < 0.0F ? -beam.row_y[row] : beam.row_y[row];
        margin_y = shift > margin_y ? shift : margin_y;
    }
    const auto pulled = static_cast<float>(scan.flyback < 0.0 ? -scan.flyback : scan.flyback);
    const double per_thickness = field.contrast / (2.0 * field.radius);
    for (int i = 0; i < set.count; ++i) {
        const Body& body = set.bodies[i];
        if (dark(body)) {
            continue;
        }
        const Brightness brightness{static_cast<float>(per_thickness) * body.contrast,
                                    scan.mode == ScanMode::edges ? scan.edge_height * body.contrast : 0.0F};
        const auto draw = [&]<typename At>(At*) {
            draw_body<At>(field, body, i, n, beam, pulled, margin_y, brightness, image, labels, s);
        };
        switch (static_cast<BodyKind>(body.kind)) {
            case BodyKind::ellipsoid:
                draw(static_cast<EllipsoidAt*>(nullptr));
                break;
            case BodyKind::rod:
                draw(static_cast<RodAt*>(nullptr));
                break;
            case BodyKind::polyhedron:
                draw(static_cast<PolyhedronAt*>(nullptr));
                break;
            case BodyKind::rough:
                draw(static_cast<RoughAt*>(nullptr));
                break;
        }
        if (points.stop_after(static_cast<std::ptrdiff_t>(body.reach * body.reach) + 100)) {
            return;
        }
    }
}

}  // namespace
}  // namespace nanotilt
