// Scenes other than particles, which have a path of their own for the sake of speed: what they draw, and what is true of it.
#pragma once

#include <span>
#include <vector>

#include "../base/philox.hpp"
#include "../program/spec.hpp"

namespace nanotilt {

struct RingSet;  // geometry/rings.hpp

/// An instrument's views, as far as truths depend on them; nanotilt.scenes.scene.Frame in Python.
struct Frame {
    bool fixed;  // images whose pixels always show the same places, the first view's untilted
    int n_pixels;
    double pixels_per_length;
};

/// One class of a recipe. Immutable, shared by threads. Nothing below takes memory or throws once it is read.
class Scene {
   public:
    virtual ~Scene() = default;

    /// The most that one sample asks for. Points: each ring's corners and its closing point, padded.
    struct Needs {
        int n_points;
        int n_rings;
        int max_ring_corners;
        int n_normal_groups;  // of Purpose::particle
    };
    [[nodiscard]] virtual Needs needs() const = 0;

    /// Writes all rings of one sample.
    virtual void draw(const StreamPosition& at, const float* normals, RingSet& rings) const = 0;

    /// What can be told beside label and angles, in this order.
    [[nodiscard]] virtual std::vector<Output> truths(const Frame& frame) const = 0;

    /// Writes those truths of one sample whose pointer is not null.
    virtual void tell(const StreamPosition& at, const float* normals, const Frame& frame, std::span<void* const> truths) const = 0;
};

}  // namespace nanotilt
