// Thickness of a body, and how near to its outline, at 16 places of a row.
#pragma once

#include <cmath>
#include <cstdint>

#include "scratch.hpp"

namespace nanotilt {
namespace {

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

}  // namespace
}  // namespace nanotilt
