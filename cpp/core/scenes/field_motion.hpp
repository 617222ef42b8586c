// How the bodies of a field move, grow, merge, come and go from one frame of a video to the next.
#pragma once

#include "bodies.hpp"

namespace nanotilt {

/// The bodies of one frame.
struct BodySet {
    Body* bodies;
    int count;
    int capacity;
    std::int32_t next_id;
};

/// A merge: what became of two bodies.
struct Merge {
    std::int32_t frame;
    std::int32_t child;
    std::int32_t larger;
    std::int32_t smaller;
};

/// Where merges are written down, the first `capacity` of them.
struct Lineage {
    Merge* merges;
    int count;
    int capacity;
};

/// The bodies of frame `frame` >= 1 from those of the frame before.
void advance(const FieldPlan& field, const StreamPosition& at, int n_pixels, std::uint32_t frame, BodySet& set, Lineage& lineage);

/// Whether a body is not seen in a frame, because it blinks.
bool is_dark(const FieldPlan& field, const StreamPosition& at, std::uint32_t frame, const Body& body);

}  // namespace nanotilt
