#include "field_truths.hpp"

#include <algorithm>
#include <cmath>

#include "../base/elementary.hpp"

namespace nanotilt {
namespace {

/// What can be told of a body's whole outline.
struct Outline {
    double area;
    double centre_x;  // from the body's middle
    double centre_y;
    double xx, xy, yy;  // second moments about the centre, divided by the area
    double perimeter;
    double feret_max;
    double feret_min;
};

void add_ferets(const Body& body, Outline& outline) {
    outline.feret_max = 0.0;
    outline.feret_min = 1e30;
    for (int i = 0; i < n_directions / 2; ++i) {
        const double width = static_cast<double>(body.support[i]) + static_cast<double>(body.support[i + n_directions / 2]);
        outline.feret_max = std::max(outline.feret_max, width);
        outline.feret_min = std::min(outline.feret_min, width);
    }
}

Outline of_ellipsoid(const Body& body) {
    const double xx = body.ellipsoid.xx;
    const double xy = body.ellipsoid.xy;
    const double yy = body.ellipsoid.yy;
    const double determinant = xx * yy - xy * xy;
    const double middle = 0.5 * (xx + yy);
    const double off = std::sqrt(std::max(0.0, middle * middle - determinant));
    const double a = 1.0 / std::sqrt(middle - off);
    const double b = 1.0 / std::sqrt(middle + off);
    const double h = (a - b) * (a - b) / ((a + b) * (a + b));
    Outline o{};
    o.area = pi * a * b;
    o.xx = 0.25 * yy / determinant;
    o.xy = -0.25 * xy / determinant;
    o.yy = 0.25 * xx / determinant;
    o.perimeter = pi * (a + b) * (1.0 + 3.0 * h / (10.0 + std::sqrt(4.0 - 3.0 * h)));  // Ramanujan 1914
    o.feret_max = 2.0 * a;
    o.feret_min = 2.0 * b;
    return o;
}

Outline of_rod(const Body& body) {
    const double half = body.rod.half;
    const double radius = body.rod.radius;
    const double x = body.rod.x;
    const double y = body.rod.y;
    Outline o{};
    const double middle = 4.0 * half * radius;
    const double caps = pi * radius * radius;
    o.area = middle + caps;
    // Of a rectangle, and of two half discs, whose centres lie 4 r / (3 pi) beyond it.
    const double along =
        (middle * half * half / 3.0 + caps * (0.25 * radius * radius + half * half) + caps * half * 8.0 * radius / (3.0 * pi)) /
        o.area;
    const double across = (middle * radius * radius / 3.0 + caps * 0.25 * radius * radius) / o.area;
    o.xx = along * x * x + across * y * y;
    o.xy = (along - across) * x * y;
    o.yy = along * y * y + across * x * x;
    o.perimeter = 4.0 * half + 2.0 * pi * radius;
    o.feret_max = 2.0 * (half + radius);
    o.feret_min = 2.0 * radius;
    return o;
}

/// Of a polygon whose corners are sorted around the middle.
Outline of_polygon(const double* x, const double* y, int n) {
    Outline o{};
    double doubled = 0.0;
    for (int i = 0; i < n; ++i) {
        const int j = i + 1 == n ? 0 : i + 1;
        const double turn = x[i] * y[j] - x[j] * y[i];
        doubled += turn;
        o.centre_x += turn * (x[i] + x[j]);
        o.centre_y += turn * (y[i] + y[j]);
        o.xx += turn * (x[i] * x[i] + x[i] * x[j] + x[j] * x[j]);
        o.yy += turn * (y[i] * y[i] + y[i] * y[j] + y[j] * y[j]);
        o.xy += turn * (x[i] * y[j] + 2.0 * x[i] * y[i] + 2.0 * x[j] * y[j] + x[j] * y[i]);
        const double across = x[j] - x[i];
        const double up = y[j] - y[i];
        o.perimeter += std::sqrt(across * across + up * up);
    }
    o.area = 0.5 * doubled;
    o.centre_x /= 3.0 * doubled;
    o.centre_y /= 3.0 * doubled;
    o.xx = o.xx / (6.0 * doubled) - o.centre_x * o.centre_x;
    o.yy = o.yy / (6.0 * doubled) - o.centre_y * o.centre_y;
    o.xy = o.xy / (12.0 * doubled) - o.centre_x * o.centre_y;
    return o;
}

Outline of_polyhedron(const Body& body) {
    const auto& shape = body.polyhedron;
    // Lines of the outline by the direction of their normals: neighbours then meet in a corner.
    std::array<int, most_solid_edges> order{};
    std::array<double, most_solid_edges> turn{};
    for (int i = 0; i < shape.n_edges; ++i) {
        const double x = shape.edge[0][i];
        const double y = shape.edge[1][i];
        const double along = x / (std::fabs(x) + std::fabs(y));
        turn[static_cast<std::size_t>(i)] = y >= 0.0 ? 1.0 - along : 3.0 + along;
        order[static_cast<std::size_t>(i)] = i;
    }
    std::sort(order.begin(), order.begin() + shape.n_edges, [&](int a, int b) {
        const double first = turn[static_cast<std::size_t>(a)];
        const double second = turn[static_cast<std::size_t>(b)];
        return first != second ? first < second : a < b;
    });
    std::array<double, most_solid_edges> x{};
    std::array<double, most_solid_edges> y{};
    int n = 0;
    for (int i = 0; i < shape.n_edges; ++i) {
        const int a = order[static_cast<std::size_t>(i)];
        const int b = order[static_cast<std::size_t>(i + 1 == shape.n_edges ? 0 : i + 1)];
        const double ax = shape.edge[0][a];
        const double ay = shape.edge[1][a];
        const double bx = shape.edge[0][b];
        const double by = shape.edge[1][b];
        const double cross = ax * by - ay * bx;
        if (std::fabs(cross) < 1e-9 * (ax * ax + ay * ay)) {
            continue;  // one line seen twice
        }
        x[static_cast<std::size_t>(n)] = (by - ay) / cross;
        y[static_cast<std::size_t>(n)] = (ax - bx) / cross;
        ++n;
    }
    Outline o = of_polygon(x.data(), y.data(), n);
    // The widest is between two corners, the narrowest across an edge.
    o.feret_min = 1e30;
    for (int i = 0; i < n; ++i) {
        for (int j = i + 1; j < n; ++j) {
            const double across = x[static_cast<std::size_t>(j)] - x[static_cast<std::size_t>(i)];
            const double up = y[static_cast<std::size_t>(j)] - y[static_cast<std::size_t>(i)];
            o.feret_max = std::max(o.feret_max, std::sqrt(across * across + up * up));
        }
    }
    for (int e = 0; e < shape.n_edges; ++e) {
        const double ex = shape.edge[0][e];
        const double ey = shape.edge[1][e];
        const double size = std::sqrt(ex * ex + ey * ey);
        double least = 0.0;
        for (int i = 0; i < n; ++i) {
            least = std::min(least, (ex * x[static_cast<std::size_t>(i)] + ey * y[static_cast<std::size_t>(i)]) / size);
        }
        o.feret_min = std::min(o.feret_min, 1.0 / size - least);
    }
    return o;
}

Outline of_rough(const Body& body) {
    const Directions& to = directions();
    std::array<double, n_directions> x{};
    std::array<double, n_directions> y{};
    double area = 0.0;
    for (int i = 0; i < n_directions; ++i) {
        const double distance = static_cast<double>(body.radius) * static_cast<double>(rough_distance(body, i));
        x[static_cast<std::size_t>(i)] = distance * static_cast<double>(to.cos[i]);
        y[static_cast<std::size_t>(i)] = distance * static_cast<double>(to.sin[i]);
        area += distance * distance * (pi / n_directions);
    }
    Outline o = of_polygon(x.data(), y.data(), n_directions);
    // A polygon of so many corners is 0.16 % smaller than the smooth outline, and 0.04 % shorter.
    const double larger = area / o.area;
    o.xx *= larger;
    o.xy *= larger;
    o.yy *= larger;
    o.perimeter *= 1.0004;
    o.area = area;
    add_ferets(body, o);
    return o;
}

Outline outline_of(const Body& body) {
    switch (static_cast<BodyKind>(body.kind)) {
        case BodyKind::ellipsoid:
            return of_ellipsoid(body);
        case BodyKind::rod:
            return of_rod(body);
        case BodyKind::polyhedron:
            return of_polyhedron(body);
        case BodyKind::rough:
            break;
    }
    return of_rough(body);
}

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
