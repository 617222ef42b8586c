// Writes rings as the kernels read them.
#pragma once

#include "../base/elementary.hpp"
#include "../base/layout.hpp"
#include "../geometry/rings.hpp"

namespace nanotilt {
// Compiled for several SIMD levels: internal linkage keeps one level's copy from standing in for another's.
namespace {

/// Appends rings to a RingSet, each at the start of a whole vector: stores across two cache lines take twice as long.
class RingWriter {
   public:
    explicit RingWriter(RingSet& rings) : rings_(rings), next_(0) { rings_.n_rings = 0; }

    [[nodiscard]] float* x() const { return rings_.x + next_; }
    [[nodiscard]] float* y() const { return rings_.y + next_; }

    /// Closes the ring of the n corners just written. orientation: +1 clockwise, -1 anticlockwise (y upwards).
    void close(int n, float density, float orientation, bool simple) {
        rings_.spans[rings_.n_rings++] = {next_, n, density, simple};
        const float ring_weight = simple ? density * orientation : 0.0F;
        float* __restrict weight = rings_.weight + next_;
        const int n_points = padded(n + 1);
        for (int i = 0; i < n_points; ++i) {
            weight[i] = zero_unless(i < n, ring_weight);
        }
        repeat_first(x(), n);
        repeat_first(y(), n);
        next_ += n_points;
    }

    /// Ends the last ring: a vector of its closing point more, for reads at i + 1.
    void finish() const {
        rings_.n_points = next_;
        for (int i = next_; i < next_ + lane_count; ++i) {
            rings_.x[i] = rings_.x[next_ - 1];
            rings_.y[i] = rings_.y[next_ - 1];
            rings_.weight[i] = 0.0F;
        }
    }

    /// Ends a set that has no ring.
    void finish_empty() const {
        rings_.n_points = 0;
        for (int i = 0; i < lane_count; ++i) {
            rings_.x[i] = rings_.y[i] = rings_.weight[i] = 0.0F;
        }
    }

   private:
    // Fills up with the first value from n on, by one whole vector: what falls into the next ring's place, that ring overwrites.
    static void repeat_first(float* values, int n) {
        const float first = values[0];
        for (int i = n; i < n + lane_count; ++i) {
            values[i] = first;
        }
    }

    RingSet& rings_;
    int next_;
};

}  // namespace
}  // namespace nanotilt
