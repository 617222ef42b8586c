// Random rings: outlines, holes and spirals (Sullivan 2020, section 3).
#pragma once

#include <cmath>
#include <cstring>

#include "../base/elementary.hpp"
#include "../geometry/rings.hpp"
#include "../scenes/ring_writer.hpp"
#include "normals.hpp"

namespace nanotilt {

static inline float drawn(const Normal& distribution, float normal) {
    return distribution.mean + distribution.std * normal;
}

static inline float at_least(float value, float bound) {
    return value > bound ? value : bound;
}

/// A place within the particle: uniform direction, uniform distance (so denser in the middle, as in the paper).
struct Placement {
    float x;
    float y;
    std::uint32_t start_direction;  // in 2^-32 turns
};

static inline Placement place_feature(const FeaturePlan& feature, const StreamPosition& at, int feature_number, float centre_x,
                                      float centre_y) {
    const PhiloxWords words = random_words(at, Purpose::placement, static_cast<std::uint32_t>(feature_number));
    const SinCos direction = sincos_of_turn(words.w[0]);
    const float offset = feature.max_offset * uniform01(words.w[1]);
    return {centre_x + offset * direction.sin, centre_y + offset * direction.cos, words.w[2]};
}

/// Corners at radius + roughness * normal in directions (sin, cos), which `direction` gives for each corner's number: polar angles
/// start at +y and grow clockwise. Returns whether all corner radii have one sign; such a ring is star-shaped about its centre
/// and cannot cross itself. Works in whole vectors, so x, y, normals and directions must have room for padded(n).
template <typename Direction>
static inline bool write_rough_circle(const Direction& direction, const float* __restrict normals, int n, float radius,
                                      float roughness, float centre_x, float centre_y, float* __restrict x, float* __restrict y) {
    std::int32_t not_positive[lane_count] = {};
    std::int32_t not_negative[lane_count] = {};
    for (int block = 0; block < n; block += lane_count) {
        NANOTILT_LANES
        for (int lane = 0; lane < lane_count; ++lane) {
            const int i = block + lane;
            const float r = radius + roughness * normals[i];
            const SinCos towards = direction(i);
            x[i] = centre_x + r * towards.sin;
            y[i] = centre_y + r * towards.cos;
            not_positive[lane] |= static_cast<std::int32_t>(i < n) & static_cast<std::int32_t>(!(r > 0.0F));
            not_negative[lane] |= static_cast<std::int32_t>(i < n) & static_cast<std::int32_t>(!(r < 0.0F));
        }
    }
    std::int32_t any_not_positive = 0;
    std::int32_t any_not_negative = 0;
    for (int lane = 0; lane < lane_count; ++lane) {
        any_not_positive |= not_positive[lane];
        any_not_negative |= not_negative[lane];
    }
    return any_not_positive == 0 || any_not_negative == 0;
}

/// A hole's ring: the outline's corner spacing and roughness on a smaller radius (eq. 8).
static inline void write_hole(const FeaturePlan& hole, const ParticlePlan& particle, const Placement& place, const float* normals,
                              float hole_radius, float outline_radius, RingWriter& writer) {
    // A corner count that is not a number or too small becomes 3: the comparison is false for NaN.
    const float wanted = static_cast<float>(particle.n_corners) * hole_radius / outline_radius + 0.5F;
    const int n =
        wanted > 3.0F ? (wanted < static_cast<float>(hole.corner_capacity) ? static_cast<int>(wanted) : hole.corner_capacity) : 3;
    const float step = static_cast<float>(2.0 * pi) / static_cast<float>(n);
    const auto direction = [step](int i) { return sincos_float(static_cast<float>(i) * step); };
    const bool simple = write_rough_circle(direction, normals + hole.roughness_normals, n, hole_radius, particle.roughness, place.x,
                                           place.y, writer.x(), writer.y());
    writer.close(n, hole.density, 1.0F, simple);
}

/// No spiral goes on for longer: 1,270 turns, eight times what a description's mean values may ask for.
inline constexpr float most_spiral_radians = 8000.0F;

/// What is drawn of a spiral (Sullivan 2020, table 4), and the angle between its corners.
struct SpiralShape {
    float radius;
    float straightness;
    float widening;
    float max_thickness;
    float last_angle;
    float step;
};

/// Lengths are cut at zero and the straightness at an eighth of its mean, 4.4 standard deviations away or more with the paper's
/// values.
static inline SpiralShape draw_spiral(const FeaturePlan& spiral, int n_steps, const float* normals) {
    const float* z = normals + spiral.parameter_normals;
    SpiralShape shape{};
    shape.radius = at_least(drawn(spiral.radius, z[0]), 0.0F);
    shape.straightness = at_least(drawn(spiral.straightness, z[1]), 0.125F * spiral.straightness.mean);
    shape.widening = at_least(drawn(spiral.widening, z[2]), 0.0F);
    shape.max_thickness = at_least(drawn(spiral.max_thickness, z[3]), 0.0F);
    const float ratio = shape.radius / shape.straightness;
    shape.last_angle = ratio < most_spiral_radians ? ratio : most_spiral_radians;
    shape.step = shape.last_angle / static_cast<float>(n_steps);
    return shape;
}

/// A spiral's ring (eqs. 10, 11): out along the inner edge, back along the outer edge, n_steps steps each.
static inline void write_spiral(const FeaturePlan& spiral, int n_steps, const Placement& place, const SpiralShape& shape,
                                RingWriter& writer) {
    const auto [radius, straightness, widening, max_thickness, last_angle, step] = shape;
    const float turn = spiral.clockwise ? 1.0F : -1.0F;
    // Directions as fractions of a turn, which wrap round by themselves: no reduction of large angles.
    const std::uint32_t start_direction = place.start_direction;
    const auto step_direction =
        static_cast<std::uint32_t>(static_cast<std::int64_t>(turn * step * static_cast<float>(0x1p31 / pi)));
    const int n_edge = n_steps + 1;
    float* const x = writer.x();
    float* const y = writer.y();
    const int n = 2 * n_edge;
    // Whole vectors: forth along the inner edge from the ring's beginning, back along the outer edge from its end. Where a vector
    // reaches beyond its edge, it writes what the other edge has there, so the order of writing does not matter.
    for (int block = 0; block < n_edge; block += lane_count) {
        float forth_x[lane_count];
        float forth_y[lane_count];
        float back_x[lane_count];
        float back_y[lane_count];
        NANOTILT_LANES
        for (int lane = 0; lane < lane_count; ++lane) {
            const int i = block + lane;
            const int mirror = n - 1 - i;
            const bool on_own_edge = i < mirror;
            const int number = on_own_edge ? i : mirror;
            const float angle = static_cast<float>(number) * step;
            const SinCos direction = sincos_of_turn(start_direction + static_cast<std::uint32_t>(number) * step_direction);
            const float inner = straightness * angle;
            const float widened = widening * angle;
            const float outer = inner + (widened < max_thickness ? widened : max_thickness);
            const float forth = on_own_edge ? inner : outer;
            const float back = on_own_edge ? outer : inner;
            forth_x[lane] = place.x + forth * direction.sin;
            forth_y[lane] = place.y + forth * direction.cos;
            back_x[lane_count - 1 - lane] = place.x + back * direction.sin;
            back_y[lane_count - 1 - lane] = place.y + back * direction.cos;
        }
        std::memcpy(x + block, forth_x, sizeof forth_x);
        std::memcpy(y + block, forth_y, sizeof forth_y);
        if (n > lane_count) {  // else the way forth has written the whole ring
            std::memcpy(x + n - block - lane_count, back_x, sizeof back_x);
            std::memcpy(y + n - block - lane_count, back_y, sizeof back_y);
        }
    }
    // One turn further out the inner edge must clear the outer edge; chords bulge inwards by r step^2 / 8.
    const float full_turn = static_cast<float>(2.0 * pi);
    const float widened = widening * (last_angle - full_turn);
    const float thickest_covered = widened < max_thickness ? widened : max_thickness;
    const bool clear = thickest_covered + radius * step * step * 0.125F < full_turn * straightness && step < 1.0F;
    // Going outwards along the inner edge, the material of a clockwise spiral is on the left: its ring runs anticlockwise.
    writer.close(n, spiral.density, -turn, clear);
}

/// What is drawn of a feature.
struct FeatureDraw {
    Placement place;
    float hole_radius;
    SpiralShape spiral;
};

static inline FeatureDraw draw_feature(const ParticlePlan& particle, std::size_t number, const StreamPosition& at,
                                       const float* normals, float centre_x, float centre_y) {
    const FeaturePlan& feature = particle.features[number];
    FeatureDraw draw{place_feature(feature, at, static_cast<int>(number), centre_x, centre_y), 0.0F, {}};
    if (feature.kind == FeatureKind::hole) {
        draw.hole_radius = drawn(feature.radius, normals[feature.parameter_normals]);
    } else {
        draw.spiral = draw_spiral(feature, particle.n_corners, normals);
    }
    return draw;
}

/// The outline's radius. What holes remove goes to the outside, so that mass gives no class away (eq. 9): all corner radii grow by
/// dR = sqrt(R^2 - sum density r^2) - R.
static inline float grown_radius(const ParticlePlan& particle, float radius, const float* normals) {
    float squared = radius * radius;
    for (const FeaturePlan& feature : particle.features) {
        if (feature.kind == FeatureKind::hole) {
            const float hole_radius = drawn(feature.radius, normals[feature.parameter_normals]);
            squared -= feature.density * hole_radius * hole_radius;
        }
    }
    return radius >= 0.0F ? std::sqrt(at_least(squared, 0.0F)) : radius;
}

/// A polygon's ring: its corners scaled, turned clockwise and placed. Returns the angle that it was turned by.
static inline float write_polygon(const PolygonPlan& polygon, int n, const StreamPosition& at, float size, float centre_x,
                                  float centre_y, RingWriter& writer) {
    const PhiloxWords words = random_words(at, Purpose::placement, orientation_block);
    const float angle = polygon.lowest_turn_rad + polygon.turn_range_rad * uniform01(words.w[0]);
    const SinCos turn = sincos_float(angle);
    float* __restrict x = writer.x();
    float* __restrict y = writer.y();
    for (int i = 0; i < n; ++i) {
        const float across = size * polygon.x[static_cast<std::size_t>(i)];
        const float up = size * polygon.y[static_cast<std::size_t>(i)];
        x[i] = centre_x + (across * turn.cos + up * turn.sin);
        y[i] = centre_y + (up * turn.cos - across * turn.sin);
    }
    writer.close(n, 1.0F, polygon.orientation, polygon.simple);
    return angle;
}

/// All rings of one sample, from its normals of Purpose::particle. Returns the angle that its outline was turned by: 0 for rough
/// circles.
static inline float write_particle(const ParticlePlan& particle, const StreamPosition& at, const float* normals, RingSet& rings) {
    const float radius = drawn(particle.radius, normals[0]);
    const float centre_x = drawn(particle.centre_x, normals[1]);
    const float centre_y = drawn(particle.centre_y, normals[2]);
    const float grown = grown_radius(particle, radius, normals);
    // Each feature is drawn before the ring ahead of it is written, whose many corners fill the time that its divisions take.
    const std::size_t n_features = particle.features.size();
    FeatureDraw next{};
    if (n_features > 0) {
        next = draw_feature(particle, 0, at, normals, centre_x, centre_y);
    }
    RingWriter writer(rings);
    if (particle.polygon) {
        const float angle = write_polygon(*particle.polygon, particle.n_corners, at, radius, centre_x, centre_y, writer);
        writer.finish();
        return angle;
    }
    const auto direction = [sin = particle.corner_sin, cos = particle.corner_cos](int i) { return SinCos{sin[i], cos[i]}; };
    const bool simple = write_rough_circle(direction, normals + particle.roughness_normals, particle.n_corners, grown,
                                           particle.roughness, centre_x, centre_y, writer.x(), writer.y());
    writer.close(particle.n_corners, 1.0F, 1.0F, simple);
    for (std::size_t i = 0; i < n_features; ++i) {
        const FeaturePlan& feature = particle.features[i];
        const FeatureDraw draw = next;
        if (i + 1 < n_features) {
            next = draw_feature(particle, i + 1, at, normals, centre_x, centre_y);
        }
        if (feature.kind == FeatureKind::hole) {
            write_hole(feature, particle, draw.place, normals, draw.hole_radius, radius, writer);
        } else {
            write_spiral(feature, particle.n_corners, draw.place, draw.spiral, writer);
        }
    }
    writer.finish();
    return 0.0F;
}

}  // namespace nanotilt
