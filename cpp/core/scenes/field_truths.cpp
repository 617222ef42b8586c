#include "field_truths.hpp"

#include <algorithm>
#include <cmath>

#include "../base/elementary.hpp"
#include "outlines.hpp"

namespace nanotilt {
namespace {

/// Distance between the hulls of two outlines; below 0: how far they reach into each other.
double gap_between(const Body& a, const Body& b) {
    const Directions& to = directions();
    const float across = b.x - a.x;
    const float up = b.y - a.y;
    float largest = -1e30F;
    for (int i = 0; i < n_directions; ++i) {
        const float opposite = b.support[(i + n_directions / 2) % n_directions];
        const float apart = across * to.cos[i] + up * to.sin[i] - a.support[i] - opposite;
        largest = apart > largest ? apart : largest;
    }
    return largest;
}

/// Between a body's hull and the nearest other one's; the image's side where there is none nearer.
double nearest_gap(const BodySet& set, int which, double otherwise) {
    const Body& body = set.bodies[which];
    double least = otherwise;
    for (int i = 0; i < set.count; ++i) {
        const Body& other = set.bodies[i];
        const double across = static_cast<double>(other.x) - static_cast<double>(body.x);
        const double up = static_cast<double>(other.y) - static_cast<double>(body.y);
        const double far = least + static_cast<double>(body.reach) + static_cast<double>(other.reach);
        if (i != which && across * across + up * up < far * far) {
            least = std::min(least, gap_between(body, other));
        }
    }
    return least;
}

bool touches_rim(const Body& body, double side) {
    const double right = static_cast<double>(body.x) + static_cast<double>(body.support[0]);
    const double left = static_cast<double>(body.x) - static_cast<double>(body.support[n_directions / 2]);
    const double lower = static_cast<double>(body.y) + static_cast<double>(body.support[n_directions / 4]);
    const double upper = static_cast<double>(body.y) - static_cast<double>(body.support[3 * n_directions / 4]);
    return left < 0.0 || upper < 0.0 || right > side || lower > side;
}

double volume_of(const FieldPlan& field, const Body& body, double area) {
    if (static_cast<BodyKind>(body.kind) != BodyKind::rough) {
        return body.volume;
    }
    const double plate = field.rough_thickness;
    return area * (plate > 0.0 ? plate : 4.0 / 3.0 * static_cast<double>(body.radius));
}

void write_row(const FieldPlan& field, const BodySet& set, int which, const Seen& seen, int n_pixels, float* row) {
    const Body& body = set.bodies[which];
    const Outline o = outline_of(body);
    const double middle = 0.5 * (o.xx + o.yy);
    const double off = std::sqrt(std::max(0.0, 0.25 * (o.xx - o.yy) * (o.xx - o.yy) + o.xy * o.xy));
    const double major = 4.0 * std::sqrt(middle + off);
    const double minor = 4.0 * std::sqrt(std::max(middle - off, 1e-12));
    const double side = n_pixels;
    // The axis lies along the eigenvector of the larger moment l: (l - yy, xy), or the same as (xy, l - xx).
    const double more = 0.5 * std::fabs(o.xx - o.yy) + off;
    const double angle = off > 1e-9 * middle ? (o.xx >= o.yy ? line_angle(more, o.xy) : line_angle(o.xy, more)) : 0.0;
    const double columns[n_table_columns] = {
        static_cast<double>(body.id),
        static_cast<double>(body.kind),
        static_cast<double>(body.x) + o.centre_x,
        static_cast<double>(body.y) + o.centre_y,
        o.area,
        2.0 * std::sqrt(o.area / pi),
        major,
        minor,
        angle,
        major / minor,
        o.perimeter,
        4.0 * pi * o.area / (o.perimeter * o.perimeter),
        o.feret_max,
        o.feret_min,
        volume_of(field, body, o.area),
        field.contrast * static_cast<double>(body.contrast),
        std::min(1.0, seen.n / o.area),
        touches_rim(body, side) ? 1.0 : 0.0,
        nearest_gap(set, which, side),
    };
    for (int i = 0; i < n_table_columns; ++i) {
        row[i] = static_cast<float>(columns[i]);
    }
}

}  // namespace

std::vector<Output> field_truths(const FieldPlan& field, int n_pixels, int n_frames) {
    const std::int64_t n = n_pixels;
    const std::int64_t most = field.max_bodies;
    const auto shaped = [n_frames](std::vector<std::int64_t> shape) {
        if (n_frames > 1) {
            shape.insert(shape.begin(), n_frames);
        }
        return shape;
    };
    std::vector<Output> truths{
        {"instance", Dtype::int16, shaped({n, n}), ""},
        {"semantic", Dtype::uint8, shaped({n, n}), ""},
        {"depth", Dtype::float32, shaped({n, n}), ""},
        {"boundary", Dtype::uint8, shaped({n, n}), ""},
        {"distance", Dtype::float32, shaped({n, n}), "px"},
        {"centres", Dtype::float32, shaped({n, n}), ""},
        {"rays", Dtype::float32, shaped({n / star_grid, n / star_grid, n_star_rays}), "px"},
        {"boxes", Dtype::float32, shaped({most, 4}), "px"},
        {"n_boxes", Dtype::int32, shaped({}), ""},
        {"table", Dtype::float32, shaped({most, n_table_columns}), ""},
        {"n_table", Dtype::int32, shaped({}), ""},
        {"clean", Dtype::float32, shaped({n, n}), ""},
        {"scanned", Dtype::uint8, shaped({n, n}), ""},
        {"dose", Dtype::float32, {}, "electrons"},
    };
    if (n_frames > 1) {
        truths.push_back({"lineage", Dtype::int32, {most, 4}, ""});
        truths.push_back({"n_lineage", Dtype::int32, {}, ""});
    }
    return truths;
}

int write_table(const FieldPlan& field, const BodySet& set, const Seen* seen, int n_pixels, float* table) {
    int n = 0;
    for (int i = 0; i < set.count; ++i) {
        if (seen[i].n > 0) {
            write_row(field, set, i, seen[i], n_pixels, table + static_cast<std::ptrdiff_t>(n++) * n_table_columns);
        }
    }
    std::fill(table + static_cast<std::ptrdiff_t>(n) * n_table_columns,
              table + static_cast<std::ptrdiff_t>(field.max_bodies) * n_table_columns, 0.0F);
    return n;
}

int write_boxes(const BodySet& set, const Seen* seen, float* boxes) {
    int n = 0;
    for (int i = 0; i < set.count; ++i) {
        if (seen[i].n > 0) {
            float* box = boxes + 4 * static_cast<std::ptrdiff_t>(n++);
            box[0] = static_cast<float>(seen[i].left);
            box[1] = static_cast<float>(seen[i].top);
            box[2] = static_cast<float>(seen[i].right);
            box[3] = static_cast<float>(seen[i].bottom);
        }
    }
    std::fill(boxes + 4 * static_cast<std::ptrdiff_t>(n), boxes + 4 * static_cast<std::ptrdiff_t>(set.capacity), 0.0F);
    return n;
}

}  // namespace nanotilt
