// Random rings: outlines, holes and spirals (Sullivan 2020, section 3).
#pragma once

#include <cmath>

#include "../dispatch.hpp"
#include "../elementary.hpp"
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
    float start_angle;
};

static inline Placement place_feature(const FeaturePlan& feature, const StreamPosition& at, int feature_number, float centre_x,
                                      float centre_y) {
    const PhiloxWords words = random_words(at, Purpose::placement, static_cast<std::uint32_t>(feature_number));
    const SinCos direction = sincos_of_turn(words.w[0]);
    const float offset = feature.max_offset * uniform01(words.w[1]);
    return {centre_x + offset * direction.sin, centre_y + offset * direction.cos,
            uniform01(words.w[2]) * static_cast<float>(2.0 * pi)};
}

/// Appends rings to a RingSet: corners, closing point, weights.
class RingWriter {
   public:
    explicit RingWriter(RingSet& rings) : rings_(rings), next_(0) { rings_.n_rings = 0; }

    [[nodiscard]] float* x() const { return rings_.x + next_; }
    [[nodiscard]] float* y() const { return rings_.y + next_; }

    /// Closes the ring of the n corners just written. orientation: +1 clockwise, -1 anticlockwise (y upwards).
    void close(int n, float density, float orientation, bool simple) {
        rings_.spans[rings_.n_rings++] = {next_, n, density, simple};
        const float weight = simple ? density * orientation : 0.0F;
        float* weights = rings_.weight + next_;
        for (int i = 0; i < n; ++i) {
            weights[i] = weight;
        }
        weights[n] = 0.0F;
        x()[n] = x()[0];
        y()[n] = y()[0];
        next_ += n + 1;
    }

    /// Pads with edges of no length and no weight up to whole vectors, one vector beyond for reads at i + 1.
    void finish() const {
        rings_.n_points = padded(next_);
        for (int i = next_; i < rings_.n_points + lane_count; ++i) {
            rings_.x[i] = rings_.x[next_ - 1];
            rings_.y[i] = rings_.y[next_ - 1];
            rings_.weight[i] = 0.0F;
        }
    }

   private:
    RingSet& rings_;
    int next_;
};

/// Corners at radius + roughness * normal in the directions (sin, cos): polar angles start at +y and grow clockwise. Returns
/// whether all corner radii have one sign; such a ring is star-shaped about its centre and cannot cross itself.
static inline bool write_rough_circle(const float* __restrict sin, const float* __restrict cos, const float* __restrict normals,
                                      int n, float radius, float roughness, float centre_x, float centre_y, float* __restrict x,
                                      float* __restrict y) {
    int n_positive = 0;
    int n_negative = 0;
    for (int i = 0; i < n; ++i) {
        const float r = radius + roughness * normals[i];
        x[i] = centre_x + r * sin[i];
        y[i] = centre_y + r * cos[i];
        n_positive += static_cast<int>(r > 0.0F);
        n_negative += static_cast<int>(r < 0.0F);
    }
    return n_positive == n || n_negative == n;
}

/// A hole's ring: the outline's corner spacing and roughness on a smaller radius (eq. 8).
static inline void write_hole(const FeaturePlan& hole, const ParticlePlan& particle, const Placement& place, const float* normals,
                              float hole_radius, float outline_radius, RingWriter& writer) {
    // A corner count that is not a number or too small becomes 3: the comparison is false for NaN.
    const float wanted = static_cast<float>(particle.n_corners) * hole_radius / outline_radius + 0.5F;
    const int n =
        wanted > 3.0F ? (wanted < static_cast<float>(hole.corner_capacity) ? static_cast<int>(wanted) : hole.corner_capacity) : 3;
    float* x = writer.x();
    float* y = writer.y();
    const float step = static_cast<float>(2.0 * pi) / static_cast<float>(n);
    int n_positive = 0;
    int n_negative = 0;
    const float* roughness_normals = normals + hole.roughness_normals;
    for (int i = 0; i < n; ++i) {
        const SinCos direction = sincos_float(static_cast<float>(i) * step);
        const float r = hole_radius + particle.roughness * roughness_normals[i];
        x[i] = place.x + r * direction.sin;
        y[i] = place.y + r * direction.cos;
        n_positive += static_cast<int>(r > 0.0F);
        n_negative += static_cast<int>(r < 0.0F);
    }
    writer.close(n, hole.density, 1.0F, n_positive == n || n_negative == n);
}

/// Up to here sines and cosines are exact: 1,270 turns, eight times what a description's mean values may ask for.
inline constexpr float most_spiral_radians = 8000.0F;

/// A spiral's ring (eqs. 10, 11): out along the inner edge, back along the outer edge, n_corners steps each.
///
/// Lengths are cut at zero and the straightness at an eighth of its mean, 4.4 standard deviations away or more with the paper's
/// values; and no spiral goes on for more than most_spiral_radians.
static inline void write_spiral(const FeaturePlan& spiral, int n_steps, const Placement& place, const float* normals,
                                RingWriter& writer) {
    const float* z = normals + spiral.parameter_normals;
    const float radius = at_least(drawn(spiral.radius, z[0]), 0.0F);
    const float straightness = at_least(drawn(spiral.straightness, z[1]), 0.125F * spiral.straightness.mean);
    const float widening = at_least(drawn(spiral.widening, z[2]), 0.0F);
    const float max_thickness = at_least(drawn(spiral.max_thickness, z[3]), 0.0F);
    const float ratio = radius / straightness;
    const float last_angle = ratio < most_spiral_radians ? ratio : most_spiral_radians;
    const float step = last_angle / static_cast<float>(n_steps);
    const float turn = spiral.clockwise ? 1.0F : -1.0F;
    const int n_edge = n_steps + 1;
    float* __restrict inner_x = writer.x();
    float* __restrict inner_y = writer.y();
    float* __restrict outer_x = inner_x + n_edge;
    float* __restrict outer_y = inner_y + n_edge;
    for (int i = 0; i < n_edge; ++i) {
        const float angle = static_cast<float>(i) * step;
        const SinCos direction = sincos_float(place.start_angle + turn * angle);
        const float inner = straightness * angle;
        const float widened = widening * angle;
        const float outer = inner + (widened < max_thickness ? widened : max_thickness);
        inner_x[i] = place.x + inner * direction.sin;
        inner_y[i] = place.y + inner * direction.cos;
        outer_x[n_steps - i] = place.x + outer * direction.sin;
        outer_y[n_steps - i] = place.y + outer * direction.cos;
    }
    // One turn further out the inner edge must clear the outer edge; chords bulge inwards by r step^2 / 8.
    const float full_turn = static_cast<float>(2.0 * pi);
    const float widened = widening * (last_angle - full_turn);
    const float thickest_covered = widened < max_thickness ? widened : max_thickness;
    const bool clear = thickest_covered + radius * step * step * 0.125F < full_turn * straightness && step < 1.0F;
    // Going outwards along the inner edge, the material of a clockwise spiral is on the left: its ring runs anticlockwise.
    writer.close(2 * n_edge, spiral.density, -turn, clear);
}

/// All rings of one sample.
static inline void write_particle(const ParticlePlan& particle, const StreamPosition& at, float* normals, RingSet& rings) {
    fill_normals(at, Purpose::particle, particle.n_normal_groups, normals);
    const float radius = drawn(particle.radius, normals[0]);
    const float centre_x = drawn(particle.centre_x, normals[1]);
    const float centre_y = drawn(particle.centre_y, normals[2]);
    // What holes remove goes to the outside, so that mass gives no class away (eq. 9): all corner radii grow by
    // dR = sqrt(R^2 - sum density r^2) - R.
    float squared = radius * radius;
    for (const FeaturePlan& feature : particle.features) {
        if (feature.kind == FeatureKind::hole) {
            const float hole_radius = drawn(feature.radius, normals[feature.parameter_normals]);
            squared -= feature.density * hole_radius * hole_radius;
        }
    }
    const float grown = radius >= 0.0F ? std::sqrt(at_least(squared, 0.0F)) : radius;
    RingWriter writer(rings);
    const bool simple =
        write_rough_circle(particle.corner_sin.data(), particle.corner_cos.data(), normals + particle.roughness_normals,
                           particle.n_corners, grown, particle.roughness, centre_x, centre_y, writer.x(), writer.y());
    writer.close(particle.n_corners, 1.0F, 1.0F, simple);
    int number = 0;
    for (const FeaturePlan& feature : particle.features) {
        const Placement place = place_feature(feature, at, number++, centre_x, centre_y);
        if (feature.kind == FeatureKind::hole) {
            write_hole(feature, particle, place, normals, drawn(feature.radius, normals[feature.parameter_normals]), radius,
                       writer);
        } else {
            write_spiral(feature, particle.n_corners, place, normals, writer);
        }
    }
    writer.finish();
}

}  // namespace nanotilt
