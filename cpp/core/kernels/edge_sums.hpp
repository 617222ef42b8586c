// Adding up what edges contribute to rays or bins: a scatter, the one part of a projection that no SIMD unit helps with.
//
// Each edge brings a pair of values, for the ray that it meets first and for the next one. Sums are kept as pairs too: sums[k]
// holds what edges that met ray k first gave to rays k and k + 1. So every edge costs one load, addition and store of 8 bytes, and
// a load never overlaps just a half of what was stored before, which would make it wait for the store.
#pragma once

#include <cstdint>
#include <cstring>

#include "../base/elementary.hpp"
#include "../geometry/projection_scratch.hpp"
#include "selection.hpp"

#ifdef __SSE4_1__
#include <immintrin.h>
#endif

namespace nanotilt {

/// Contributions to rays or bins k and k + 1.
struct ValuePair {
    float first;
    float second;
};

/// Adds values[0] to sums0[slots[0]] and values[1] to sums1[slots[1]].
static inline void add_two_pairs(const std::int32_t* slots, const ValuePair* values, ValuePair* sums0, ValuePair* sums1) {
#ifdef __SSE4_1__
    // Three memory accesses fit into a cycle, so both slots come in one load, and both pairs in another.
    std::uint64_t both_slots;
    std::memcpy(&both_slots, slots, sizeof both_slots);
    ValuePair* to0 = sums0 + static_cast<std::uint32_t>(both_slots);
    ValuePair* to1 = sums1 + (both_slots >> 32);
    const __m128 both = _mm_loadu_ps(&values->first);
    const __m128 old0 = _mm_castsi128_ps(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(to0)));
    _mm_storel_pi(reinterpret_cast<__m64*>(to0), _mm_add_ps(old0, both));
    const __m128 old1 = _mm_castsi128_ps(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(to1)));
    _mm_storel_pi(reinterpret_cast<__m64*>(to1), _mm_add_ps(old1, _mm_movehl_ps(both, both)));
#else
    ValuePair& to0 = sums0[slots[0]];
    to0.first += values[0].first;
    to0.second += values[0].second;
    ValuePair& to1 = sums1[slots[1]];
    to1.first += values[1].first;
    to1.second += values[1].second;
#endif
}

/// Sums of one view.
class EdgeSums {
   public:
    /// memory: edge_sums_floats(n_bins) values, all zero before anything is added.
    EdgeSums(float* memory, int n_bins) : sums_(reinterpret_cast<ValuePair*>(memory)), n_bins_(n_bins) {}

    void clear() {
        for (int i = 0; i < edge_sums_floats(n_bins_); ++i) {
            (&sums_->first)[i] = 0.0F;
        }
    }

    /// Adds pair i to slot[i], 0 ... n_bins. n is a multiple of lane_count.
    void add_pairs(const std::int32_t* __restrict slot, const float* __restrict values, int n) {
        const int step = stride(n_bins_);
        const auto* pairs = reinterpret_cast<const ValuePair*>(values);
        for (int i = 0; i < n; i += n_accumulators) {
            add_two_pairs(slot + i, pairs + i, sums_, sums_ + step);
            add_two_pairs(slot + i + 2, pairs + i + 2, sums_ + 2 * step, sums_ + 3 * step);
        }
    }

    /// Adds a pair more.
    void add(int k, float first, float second) {
        sums_[k].first += first;
        sums_[k].second += second;
    }

    /// out[k] = background + sum of what all pairs gave to ray k. Clears the sums: here, where the processor waits for loads,
    /// stores cost nothing (3 % of a chirality sample as a pass of its own).
    void take(float background, float* __restrict out) {
        const int step = 2 * stride(n_bins_);
        float* __restrict all = &sums_->first;
        for (int i = 0; i < step; ++i) {
            all[i] = ((all[i] + all[step + i]) + all[2 * step + i]) + all[3 * step + i];
            all[step + i] = 0.0F;
            all[2 * step + i] = 0.0F;
            all[3 * step + i] = 0.0F;
        }
        out[0] = all[0] + background;
        for (int k = 1; k < n_bins_; ++k) {
            out[k] = (all[2 * k] + all[2 * k - 1]) + background;
        }
        for (int i = 0; i < step; ++i) {
            all[i] = 0.0F;
        }
    }

   private:
    static constexpr int stride(int n_bins) { return edge_sums_floats(n_bins) / (2 * n_accumulators); }

    ValuePair* sums_;
    int n_bins_;
};

}  // namespace nanotilt
