// Where the bodies of a field are.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "scratch.hpp"

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

}  // namespace
}  // namespace nanotilt
