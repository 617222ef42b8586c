// Bodies of a field put in their places, and drawn: thickness added up, and of which of them each pixel is.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../base/stop.hpp"
#include "field_scratch.hpp"

namespace nanotilt {
namespace {

/// Whether two bodies' hulls lie apart by a gap or more: some direction must separate them.
inline bool are_apart(const Body& a, const Body& b, float gap) {
    const Directions& to = directions();
    const float across = b.x - a.x;
    const float up = b.y - a.y;
    alignas(64) float opposite[n_directions];
    std::memcpy(opposite, b.support + n_directions / 2, sizeof opposite / 2);
    std::memcpy(opposite + n_directions / 2, b.support, sizeof opposite / 2);
    std::int32_t separating = 0;
    for (int i = 0; i < n_directions; ++i) {
        const float distance = across * to.cos[i] + up * to.sin[i] - a.support[i] - opposite[i];
        separating |= static_cast<std::int32_t>(distance >= gap);
    }
    return separating != 0;
}

/// Whether a body lies apart from all that were placed before.
inline bool has_room(const Body& body, float gap, const BodySet& set, const FieldScratch& s) {
    for (int first = 0; first < set.count; first += lane_count) {
        std::int32_t near = 0;
        for (int i = 0; i < lane_count; ++i) {
            const float across = s.body_x[first + i] - body.x;
            const float up = s.body_y[first + i] - body.y;
            const float far = s.body_reach[first + i] + (body.reach + gap);
            near |= static_cast<std::int32_t>(across * across + up * up < far * far);
        }
        for (int i = first; near != 0 && i < first + lane_count && i < set.count; ++i) {
            const Body& other = set.bodies[i];
            const float across = other.x - body.x;
            const float up = other.y - body.y;
            const float far = other.reach + (body.reach + gap);
            if (across * across + up * up < far * far && !are_apart(other, body, gap)) {
                return false;
            }
        }
    }
    return true;
}

inline void keep_place(const BodySet& set, FieldScratch& s) {
    const Body& body = set.bodies[set.count];
    s.body_x[set.count] = body.x;
    s.body_y[set.count] = body.y;
    s.body_reach[set.count] = body.reach;
}

/// Two random words of an attempt to place a body.
inline std::array<double, 2> attempt_at(const StreamPosition& at, std::uint32_t number, std::uint32_t attempt) {
    const PhiloxWords words = random_words(at, Purpose::body, number * blocks_per_body + place_block + attempt / 2);
    return {uniform_of(words.w[attempt % 2 * 2]), uniform_of(words.w[attempt % 2 * 2 + 1])};
}

/// A hexagonal lattice of bodies, each off its place by a normal step. The lattice's turn and place are random.
inline void place_on_lattice(const FieldPlan& field, const StreamPosition& at, int n_pixels, BodySet& set) {
    const double side = n_pixels;
    if (!(field.number > 0.0)) {
        return;
    }
    const double spacing = side * std::sqrt(2.0 / (std::sqrt(3.0) * field.number));
    const PhiloxWords words = random_words(at, Purpose::field, choices_block);
    const SinCosDouble turn = sincos_double(pi / 3.0 * uniform_of(words.w[1]));
    const double start_x = spacing * uniform_of(words.w[2]);
    const double start_y = spacing * uniform_of(words.w[3]);
    const int reach = static_cast<int>(side / spacing) + 3;
    for (int j = -reach; j <= reach; ++j) {
        for (int i = -reach; i <= reach; ++i) {
            const double along = spacing * (i + 0.5 * (j % 2 == 0 ? 0 : 1)) + start_x;
            const double up = spacing * 0.5 * std::sqrt(3.0) * j + start_y;
            const double x = 0.5 * side + along * turn.cos - up * turn.sin;
            const double y = 0.5 * side + along * turn.sin + up * turn.cos;
            if (!(x >= 0.0 && y >= 0.0 && x < side && y < side)) {
                continue;
            }
            if (set.count == set.capacity) {
                return;
            }
            Body& body = set.bodies[set.count];
            const auto number = static_cast<std::uint32_t>(set.count);
            shape_body(field, at, number, body);
            const PhiloxWords step = random_words(at, Purpose::body, number * blocks_per_body + place_block);
            const auto [off_x, off_y] = two_normals(step.w[0], step.w[1]);
            body.x = static_cast<float>(x + spacing * field.lattice_jitter * off_x);
            body.y = static_cast<float>(y + spacing * field.lattice_jitter * off_y);
            ++set.count;
        }
    }
}

/// Groups of bodies (Thomas 1949): parents anywhere, as far as their bodies can be seen, and children normally distributed about
/// them.
inline void place_in_clusters(const FieldPlan& field, const StreamPosition& at, int n_pixels, BodySet& set) {
    const double side = n_pixels;
    const double margin = 3.0 * field.cluster_spread;
    const double wide = (side + 2.0 * margin) / side;
    const int n_parents = poisson_number(field.number / field.cluster_size * wide * wide, at, parent_number_block, 1 << 20);
    if (n_parents == 0) {
        return;
    }
    const double expected = field.cluster_size * n_parents;
    const int wanted = poisson_number(expected, at, number_block, 1 << 20);
    for (int k = 0; k < wanted && set.count < set.capacity; ++k) {
        const auto number = static_cast<std::uint32_t>(k);
        const PhiloxWords words = random_words(at, Purpose::body, number * blocks_per_body + place_block);
        const auto parent = static_cast<std::uint32_t>(std::uint64_t{words.w[2]} * static_cast<std::uint64_t>(n_parents) >> 32);
        const PhiloxWords place = random_words(at, Purpose::field, parent_block + parent);
        const auto [off_x, off_y] = two_normals(words.w[0], words.w[1]);
        const double x = wide * side * uniform_of(place.w[0]) - margin + field.cluster_spread * off_x;
        const double y = wide * side * uniform_of(place.w[1]) - margin + field.cluster_spread * off_y;
        const double near = 3.0 * field.radius;
        if (!(x > -near && y > -near && x < side + near && y < side + near)) {
            continue;
        }
        Body& body = set.bodies[set.count];
        shape_body(field, at, number, body);
        body.id = set.count + 1;
        body.x = static_cast<float>(x);
        body.y = static_cast<float>(y);
        ++set.count;
    }
}

/// All bodies of the first frame.
inline void place_bodies(const FieldPlan& field, const StreamPosition& at, int n_pixels, BodySet& set, FieldScratch& s) {
    if (field.placing == Placing::lattice) {
        return place_on_lattice(field, at, n_pixels, set);
    }
    if (field.placing == Placing::clusters) {
        return place_in_clusters(field, at, n_pixels, set);
    }
    const bool apart = field.placing == Placing::apart;
    const double side = n_pixels;
    const int wanted = poisson_number(field.number, at, number_block, set.capacity);
    for (int i = 0; i < lane_count; ++i) {
        s.body_x[i] = s.body_y[i] = s.body_reach[i] = 0.0F;
    }
    for (int k = 0; k < wanted; ++k) {
        const auto number = static_cast<std::uint32_t>(k);
        Body& body = set.bodies[set.count];
        shape_body(field, at, number, body);
        for (std::uint32_t attempt = 0; attempt < most_attempts; ++attempt) {
            const auto [x, y] = attempt_at(at, number, attempt);
            body.x = static_cast<float>(side * x);
            body.y = static_cast<float>(side * y);
            if (!apart || has_room(body, field.gap, set, s)) {
                keep_place(set, s);
                ++set.count;
                break;
            }
        }
    }
}

/// Where the beam looks: x of each column, and what is added to x and y in each row.
struct Beam {
    const float* column_x;
    const float* row_x;
    const float* row_y;
};

/// A quarter turn is a quarter of the way round: like an angle, but by one division.
inline float turn_of(float x, float y) {
    const float across = x < 0.0F ? -x : x;
    const float up = y < 0.0F ? -y : y;
    const float total = across + up;
    const float along = x / (total > 1e-20F ? total : 1e-20F);
    return y < 0.0F ? 3.0F + along : 1.0F - along;
}

/// Distance of a rough outline by `turn_of`, in table places.
inline void write_rough_table(const Body& body, float* __restrict table) {
    struct Known {
        float cos[n_harmonics][rough_table_size + 1];
        float sin[n_harmonics][rough_table_size + 1];
    };
    static const Known known = [] {
        Known made{};
        for (int i = 0; i <= rough_table_size; ++i) {
            const double turn = 4.0 * (i % rough_table_size) / rough_table_size;
            const double x = turn < 2.0 ? 1.0 - turn : turn - 3.0;
            const double rest = x < 0.0 ? 1.0 + x : 1.0 - x;
            const double y = turn < 2.0 ? rest : -rest;
            const double size = std::sqrt(x * x + y * y);
            const double c = x / size;
            const double s = y / size;
            double ck = c;
            double sk = s;
            for (int k = 0; k < n_harmonics; ++k) {
                const double next = ck * c - sk * s;
                sk = sk * c + ck * s;
                ck = next;
                made.cos[k][i] = static_cast<float>(ck);
                made.sin[k][i] = static_cast<float>(sk);
            }
        }
        return made;
    }();
    for (int i = 0; i <= rough_table_size; ++i) {
        table[i] = 1.0F;
    }
    for (int k = 0; k < n_harmonics; ++k) {
        const float a = body.rough.cosine[k];
        const float b = body.rough.sine[k];
        for (int i = 0; i <= rough_table_size; ++i) {
            table[i] += a * known.cos[k][i] + b * known.sin[k][i];
        }
    }
    for (int i = 0; i <= rough_table_size; ++i) {
        const float least = table[i] > smallest_rough_distance ? table[i] : smallest_rough_distance;
        table[i] = 1.0F / (body.radius * least);
    }
}

/// Thickness and gauge (0 in the middle, 1 at the outline) of one body at 16 places of a row.
struct Lanes {
    float thickness[lane_count];
    float gauge[lane_count];
};

inline float positive(float value) {
    return value > 0.0F ? value : 0.0F;
}

struct EllipsoidAt {
    explicit EllipsoidAt(const Body& body, const FieldPlan& /*field*/, FieldScratch& /*s*/)
        : xx(body.ellipsoid.xx), xy2(2.0F * body.ellipsoid.xy), yy(body.ellipsoid.yy), thickness(body.ellipsoid.thickness) {}
    void operator()(const float* __restrict x, float y, Lanes& out) const {
        const float of_y = yy * y * y;
        const float of_xy = xy2 * y;
        for (int i = 0; i < lane_count; ++i) {
            const float q = positive((xx * x[i] + of_xy) * x[i] + of_y);
            out.gauge[i] = std::sqrt(q);
            out.thickness[i] = thickness * std::sqrt(positive(1.0F - q));
        }
    }
    float xx, xy2, yy, thickness;
};

struct RodAt {
    explicit RodAt(const Body& body, const FieldPlan& /*field*/, FieldScratch& /*s*/)
        : ux(body.rod.x), uy(body.rod.y), half(body.rod.half), radius(body.rod.radius) {}
    void operator()(const float* __restrict x, float y, Lanes& out) const {
        const float squared = radius * radius;
        const float inverse = 1.0F / radius;
        for (int i = 0; i < lane_count; ++i) {
            const float along = x[i] * ux + y * uy;
            const float low = along > -half ? along : -half;
            const float on_axis = low < half ? low : half;
            const float across = x[i] - on_axis * ux;
            const float up = y - on_axis * uy;
            const float d2 = across * across + up * up;
            out.gauge[i] = std::sqrt(d2) * inverse;
            out.thickness[i] = 2.0F * std::sqrt(positive(squared - d2));
        }
    }
    float ux, uy, half, radius;
};

struct PolyhedronAt {
    explicit PolyhedronAt(const Body& body_, const FieldPlan& /*field*/, FieldScratch& /*s*/) : body(body_) {}
    void operator()(const float* __restrict x, float y, Lanes& out) const {
        const auto& shape = body.polyhedron;
        float upper[lane_count];
        float lower[lane_count];
        for (int i = 0; i < lane_count; ++i) {
            upper[i] = 1e9F;
            lower[i] = -1e9F;
            out.gauge[i] = 0.0F;
        }
        for (int f = 0; f < shape.n_upper; ++f) {
            const float start = shape.upper[0][f] + shape.upper[2][f] * y;
            const float slope = shape.upper[1][f];
            for (int i = 0; i < lane_count; ++i) {
                const float height = start + slope * x[i];
                upper[i] = height < upper[i] ? height : upper[i];
            }
        }
        for (int f = 0; f < shape.n_lower; ++f) {
            const float start = shape.lower[0][f] + shape.lower[2][f] * y;
            const float slope = shape.lower[1][f];
            for (int i = 0; i < lane_count; ++i) {
                const float height = start + slope * x[i];
                lower[i] = height > lower[i] ? height : lower[i];
            }
        }
        for (int e = 0; e < shape.n_edges; ++e) {
            const float start = shape.edge[1][e] * y;
            const float slope = shape.edge[0][e];
            for (int i = 0; i < lane_count; ++i) {
                const float share = start + slope * x[i];
                out.gauge[i] = share > out.gauge[i] ? share : out.gauge[i];
            }
        }
        for (int i = 0; i < lane_count; ++i) {
            const float thickness = positive(upper[i] - lower[i]);
            out.thickness[i] = zero_unless(out.gauge[i] < 1.0F, thickness);
        }
    }
    const Body& body;
};

struct RoughAt {
    explicit RoughAt(const Body& body, const FieldPlan& field, FieldScratch& s)
        : table(s.rough), plate(field.rough_thickness), height(2.0F * body.radius) {
        write_rough_table(body, s.rough);
    }
    void operator()(const float* __restrict x, float y, Lanes& out) const {
        float turn[lane_count];
        float inverse[lane_count];
        for (int i = 0; i < lane_count; ++i) {
            turn[i] = turn_of(x[i], y) * (rough_table_size / 4);
        }
        for (int i = 0; i < lane_count; ++i) {
            const auto place = static_cast<std::int32_t>(turn[i]);
            const std::int32_t at = place < rough_table_size ? place : rough_table_size - 1;
            const float share = turn[i] - static_cast<float>(at);
            inverse[i] = table[at] + share * (table[at + 1] - table[at]);
        }
        for (int i = 0; i < lane_count; ++i) {
            const float gauge = std::sqrt(x[i] * x[i] + y * y) * inverse[i];
            out.gauge[i] = gauge;
            const float dome = height * std::sqrt(positive(1.0F - gauge * gauge));
            out.thickness[i] = plate > 0.0F ? zero_unless(gauge < 1.0F, plate) : dome;
        }
    }
    const float* table;
    float plate;
    float height;
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
