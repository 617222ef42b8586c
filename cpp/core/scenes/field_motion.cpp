#include "field_motion.hpp"

#include <cmath>

#include "../base/elementary.hpp"

namespace nanotilt {
namespace {

constexpr double smallest_radius = 0.5;

/// Bodies merge when their middles are closer than so much of the sum of their radii.
constexpr double merging_share = 0.9;

PhiloxWords motion_words(const StreamPosition& at, std::uint32_t frame, std::int32_t id) {
    return random_words(at, Purpose::motion, 2 * static_cast<std::uint32_t>(id), frame);
}

void step(const FieldPlan& field, const StreamPosition& at, std::uint32_t frame, BodySet& set) {
    const PhiloxWords shared = random_words(at, Purpose::motion, frame_block, frame);
    const auto [stage_x, stage_y] = two_normals(shared.w[0], shared.w[1]);
    for (int i = 0; i < set.count; ++i) {
        Body& body = set.bodies[i];
        const PhiloxWords words = motion_words(at, frame, body.id);
        const auto [across, along] = two_normals(words.w[0], words.w[1]);
        const double size = field.step * std::sqrt(field.radius / static_cast<double>(body.radius));
        body.x += static_cast<float>(size * across + field.flow[0] + field.stage_step * stage_x);
        body.y += static_cast<float>(size * along + field.flow[1] + field.stage_step * stage_y);
    }
}

void remove(BodySet& set, int i) {
    --set.count;
    for (int j = i; j < set.count; ++j) {
        set.bodies[j] = set.bodies[j + 1];
    }
}

/// Those that dissolve, or have left the image, are no more.
void remove_gone(const FieldPlan& field, const StreamPosition& at, int n_pixels, std::uint32_t frame, BodySet& set) {
    const auto side = static_cast<float>(n_pixels);
    for (int i = 0; i < set.count;) {
        Body& body = set.bodies[i];
        const PhiloxWords words = motion_words(at, frame, body.id);
        bool gone = uniform_of(words.w[2]) < field.death;
        gone = gone || body.x < -body.reach || body.y < -body.reach || body.x > side + body.reach || body.y > side + body.reach;
        if (!gone && field.growth != 0.0) {
            const double radius = body.radius;
            const double cubed = radius * radius * radius + field.growth;
            gone = cubed < smallest_radius * smallest_radius * smallest_radius;
            if (!gone) {
                scale_body(body, cube_root(cubed) / radius);
            }
        }
        gone ? remove(set, i) : void(++i);
    }
}

/// The first pair of bodies that touch becomes one, again and again until none touch. Volume and centre of mass are kept.
void merge_touching(std::uint32_t frame, BodySet& set, Lineage& lineage) {
    for (int i = 0; i < set.count; ++i) {
        for (int j = i + 1; j < set.count; ++j) {
            Body& a = set.bodies[i];
            Body& b = set.bodies[j];
            const double across = static_cast<double>(b.x) - static_cast<double>(a.x);
            const double up = static_cast<double>(b.y) - static_cast<double>(a.y);
            const double limit = merging_share * (static_cast<double>(a.radius) + static_cast<double>(b.radius));
            if (across * across + up * up > limit * limit) {
                continue;
            }
            const double ra = a.radius;
            const double rb = b.radius;
            const double va = ra * ra * ra;
            const double vb = rb * rb * rb;
            const bool first = va >= vb;
            const Merge merge{static_cast<std::int32_t>(frame), set.next_id++, first ? a.id : b.id, first ? b.id : a.id};
            if (lineage.count < lineage.capacity) {
                lineage.merges[lineage.count++] = merge;
            }
            const double share = vb / (va + vb);
            Body merged = first ? a : b;
            merged.x = static_cast<float>(static_cast<double>(a.x) + share * across);
            merged.y = static_cast<float>(static_cast<double>(a.y) + share * up);
            merged.id = merge.child;
            scale_body(merged, cube_root((va + vb) / (first ? va : vb)));
            set.bodies[i] = merged;
            remove(set, j);
            j = i;  // what has grown may touch others
        }
    }
}

void maybe_add(const FieldPlan& field, const StreamPosition& at, int n_pixels, std::uint32_t frame, BodySet& set) {
    const PhiloxWords words = random_words(at, Purpose::motion, frame_block + 1, frame);
    if (!(uniform_of(words.w[0]) < field.births) || set.count >= set.capacity) {
        return;
    }
    Body& body = set.bodies[set.count++];
    const std::int32_t id = set.next_id++;
    shape_body(field, at, static_cast<std::uint32_t>(id - 1), body);
    body.x = static_cast<float>(n_pixels * uniform_of(words.w[1]));
    body.y = static_cast<float>(n_pixels * uniform_of(words.w[2]));
}

}  // namespace

void advance(const FieldPlan& field, const StreamPosition& at, int n_pixels, std::uint32_t frame, BodySet& set, Lineage& lineage) {
    step(field, at, frame, set);
    remove_gone(field, at, n_pixels, frame, set);
    if (field.coalescing) {
        merge_touching(frame, set, lineage);
    }
    if (field.births > 0.0) {
        maybe_add(field, at, n_pixels, frame, set);
    }
}

bool is_dark(const FieldPlan& field, const StreamPosition& at, std::uint32_t frame, const Body& body) {
    return field.blinking > 0.0 &&
           uniform_of(random_words(at, Purpose::motion, 2 * static_cast<std::uint32_t>(body.id) + 1, frame).w[0]) < field.blinking;
}

}  // namespace nanotilt
