// Poisson counts in vectors, 64 at a time, by inverting the distribution. Two ways, by the mean:
//
// Below 16 the distribution's terms are added up until their sum exceeds a uniform number of 31 bits: exact but for these bits.
// From 16 on a count is the largest integer below a polynomial of a normal z, the quantile's expansion for large means (as in Giles
// 2016, "Algorithm 955: approximation of the inverse Poisson cumulative distribution function", here with one term more). It is
// no exact law, but far below what can be seen: by analysis its total variation from the true law is 1.1e-5 at a mean of 16,
// 2e-6 at 30, 1e-7 at 100, so that chi-square over 10^7 draws grows by 0.6 at 16, where chance alone moves it by 9. The switch
// would show at 12 (by 5) and without the last term at 16 (by 4). Exact draws are in counting.hpp.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "../base/elementary.hpp"
#include "../base/philox.hpp"
#include "../base/stop.hpp"
#include "../instruments/counting.hpp"
#include "../program/plan.hpp"
#include "double_lanes.hpp"
#include "normals.hpp"

namespace nanotilt {

/// Means from here on are many.
inline constexpr float many_counts_from = 16.0F;

/// Where relative noise is below float's resolution, so that a value stays as it is. What is counted may so be of any size.
inline constexpr float too_many_to_count = 0x1p60F;

/// A bound of the terms added up, for safety alone: at a mean of 16 the probability of more is below 1e-60.
inline constexpr int most_terms = 128;

/// exp(-mean) for 0 <= mean <= 16, as the 64th power of a Taylor sum to degree 9: relative error below 2e-11, where uniform numbers
/// have steps of 5e-10.
template <class Number>
static inline Number exp_of_minus(Number mean) {
    const Number x = mean * (-1.0 / 64.0);
    Number sum = x * (1.0 / 362880.0);
    sum = sum + 1.0 / 40320.0;
    sum = sum * x + 1.0 / 5040.0;
    sum = sum * x + 1.0 / 720.0;
    sum = sum * x + 1.0 / 120.0;
    sum = sum * x + 1.0 / 24.0;
    sum = sum * x + 1.0 / 6.0;
    sum = sum * x + 0.5;
    sum = sum * x + 1.0;
    sum = sum * x + 1.0;
    const Number p2 = sum * sum;
    const Number p4 = p2 * p2;
    const Number p8 = p4 * p4;
    const Number p16 = p8 * p8;
    const Number p32 = p16 * p16;
    return p32 * p32;
}

struct Inverses {
    double value[most_terms + 2];
};
inline constexpr Inverses one_over = [] {
    Inverses inverses{};
    for (int k = 1; k < most_terms + 2; ++k) {
        inverses.value[k] = 1.0 / k;
    }
    return inverses;
}();

/// Counts of so many vectors of means below many_counts_from, one for each uniform number in (0, 1).
template <int n_vectors>
static inline void invert_counts(const WideDoubles (&own)[n_vectors], const WideDoubles (&uniform)[n_vectors],
                                 WideDoubles (&term)[n_vectors], WideDoubles (&count)[n_vectors]) {
    WideDoubles below[n_vectors];  // probability of k or less; that of k is in term, that of 0 at first
    for (int v = 0; v < n_vectors; ++v) {
        below[v] = term[v];
        count[v] = WideDoubles{};
    }
    // The look for lanes that are not done takes as long as a term, so it comes after every second one.
    for (int k = 1; k < most_terms; k += 2) {
        const double first = one_over.value[k];
        const double second = one_over.value[k + 1];
        WideMask open{};
        for (int v = 0; v < n_vectors; ++v) {
            const WideDoubles term1 = term[v] * (own[v] * first);
            const WideDoubles term2 = term1 * (own[v] * second);
            const WideDoubles below1 = below[v] + term1;
            count[v] += one_where(below[v] <= uniform[v]) + one_where(below1 <= uniform[v]);
            term[v] = term2;
            below[v] = below1 + term2;
            open |= below[v] <= uniform[v];
        }
        if (!any_lane(open)) {
            break;
        }
    }
}

/// 64 counts from one group of uniform numbers; a mean that is not below many_counts_from gives a count of 0.
static inline void draw_few_counts(const StreamPosition& at, std::ptrdiff_t group, const float* __restrict mean,
                                   float* __restrict counts) {
    // Two vectors at a time: their sums do not wait for each other, and end with the larger of their counts, not with that of 64.
    constexpr int n_vectors = 2;
    constexpr int together = n_vectors * double_lanes;
    PhiloxGroup blocks;
    draw_group(static_cast<std::uint32_t>(group * lane_count), static_cast<std::uint32_t>(Purpose::few_counts) | at.domain,
               static_cast<std::uint32_t>(at.index), static_cast<std::uint32_t>(at.index >> 32), at.key, blocks);
    alignas(64) double uniform[normals_per_group];
    alignas(64) double own[normals_per_group];
    alignas(64) double none[normals_per_group];  // probability of 0
    alignas(64) double count[normals_per_group];
    const std::uint32_t* __restrict words = blocks.words[0];
    for (int i = 0; i < normals_per_group; ++i) {
        uniform[i] = (static_cast<double>(static_cast<std::int32_t>(words[i] >> 1)) + 0.5) * 0x1p-31;
        own[i] = static_cast<double>(zero_unless(mean[i] < many_counts_from, mean[i]));
        none[i] = exp_of_minus(own[i]);
    }
    for (int first = 0; first < normals_per_group; first += together) {
        WideDoubles its_own[n_vectors];
        WideDoubles its_uniform[n_vectors];
        WideDoubles its_term[n_vectors];
        WideDoubles its_count[n_vectors];
        std::memcpy(its_own, own + first, sizeof its_own);
        std::memcpy(its_uniform, uniform + first, sizeof its_uniform);
        std::memcpy(its_term, none + first, sizeof its_term);
        invert_counts(its_own, its_uniform, its_term, its_count);
        std::memcpy(count + first, its_count, sizeof its_count);
    }
    for (int i = 0; i < normals_per_group; ++i) {
        counts[i] = static_cast<float>(count[i]);
    }
}

/// 64 counts from one group of normals, for means from many_counts_from on.
static inline void draw_many_counts(const StreamPosition& at, std::ptrdiff_t group, const float* __restrict mean,
                                    float* __restrict counts) {
    alignas(64) float normals[normals_per_group];
    fill_normals(at, {{Purpose::many_counts, 1, normals, group}});
    for (int i = 0; i < normals_per_group; ++i) {
        const float z = normals[i];
        const float z2 = z * z;
        const float m = mean[i];
        const float root = std::sqrt(m);
        const float inverse = 1.0F / root;
        // The mean's integer part is kept aside, so that large counts lose no precision.
        const float whole = std::floor(m);
        const float order4 = z * (671.0F / 38880.0F - z2 * (137.0F / 38880.0F + z2 * (23.0F / 17280.0F)));
        const float order3 = z2 * (z2 * (1.0F / 270.0F) + 7.0F / 810.0F) - 8.0F / 405.0F;
        const float order2 = z * (z2 + 2.0F) * (-1.0F / 72.0F);
        const float order1 = z2 * (1.0F / 6.0F) + 1.0F / 3.0F;
        const float series = order1 + inverse * (order2 + inverse * (order3 + inverse * order4));
        const float count = whole + std::floor((m - whole) + (root * z + series));
        counts[i] = count > 0.0F ? count : 0.0F;
    }
}

/// Each value t becomes a count / dose, count ~ Poisson(dose * max(t, 0)). `first_value` numbers the first one within its sample;
/// dose >= 2^-126.
static inline void count_fast(float* __restrict values, std::ptrdiff_t n, float dose, const StreamPosition& at,
                              std::ptrdiff_t first_value, StopPoints& points) {
    alignas(64) float mean[normals_per_group];
    alignas(64) float few[normals_per_group];
    alignas(64) float many[normals_per_group];
    for (std::ptrdiff_t done = 0; done < n && !points.stop_after(4 * normals_per_group);) {
        const std::ptrdiff_t group = (first_value + done) / normals_per_group;
        const std::ptrdiff_t slot = (first_value + done) % normals_per_group;
        const std::ptrdiff_t room = normals_per_group - slot;
        const std::ptrdiff_t count = n - done < room ? n - done : room;
        if (count < normals_per_group) {
            std::memset(mean, 0, sizeof mean);
        }
        std::memcpy(mean + slot, values + done, static_cast<std::size_t>(count) * sizeof(float));
        std::int32_t any_few = 0;
        std::int32_t any_many = 0;
        for (int i = 0; i < normals_per_group; ++i) {
            const float m = dose * mean[i];
            mean[i] = m > 0.0F ? m : 0.0F;
            few[i] = 0.0F;
            many[i] = 0.0F;
            any_many |= static_cast<std::int32_t>(mean[i] >= many_counts_from);
            any_few |= static_cast<std::int32_t>(mean[i] > 0.0F) & static_cast<std::int32_t>(mean[i] < many_counts_from);
        }
        if (any_few != 0) {
            draw_few_counts(at, group, mean, few);
        }
        if (any_many != 0) {
            draw_many_counts(at, group, mean, many);
        }
        for (std::ptrdiff_t i = 0; i < count; ++i) {
            const float m = mean[slot + i];
            const float drawn = m < many_counts_from ? few[slot + i] : many[slot + i];
            const float value = values[done + i];
            values[done + i] = m < too_many_to_count ? drawn / dose : value;
        }
        done += count;
    }
}

/// Counting noise as described: fast, or exact.
static inline void count(float* values, std::ptrdiff_t n, double dose, Counting how, const StreamPosition& at,
                         std::ptrdiff_t first_value, StopPoints& points) {
    if (how == Counting::fast) {
        return count_fast(values, n, static_cast<float>(dose), at, first_value, points);
    }
    count_electrons(values, n, dose, at, first_value, points);
}

/// Adds readout noise: normals of this standard deviation. `first_value` numbers the first value within its sample.
static inline void add_readout(const StreamPosition& at, std::ptrdiff_t first_value, std::ptrdiff_t n, float strength,
                               float* values) {
    alignas(64) float normals[normals_per_group];
    for (std::ptrdiff_t done = 0; done < n;) {
        const std::ptrdiff_t group = (first_value + done) / normals_per_group;
        const std::ptrdiff_t slot = (first_value + done) % normals_per_group;
        const std::ptrdiff_t room = normals_per_group - slot;
        const std::ptrdiff_t count = n - done < room ? n - done : room;
        fill_normals(at, {{Purpose::noise, 1, normals, group}});
        for (std::ptrdiff_t i = 0; i < count; ++i) {
            values[done + i] += strength * normals[slot + i];
        }
        done += count;
    }
}

}  // namespace nanotilt
