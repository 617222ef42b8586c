// Normal variates, 64 at a time.
#pragma once

#include <cmath>

#include "../base/elementary.hpp"
#include "../base/layout.hpp"
#include "../base/philox.hpp"
#include "philox_group.hpp"

namespace nanotilt {

/// Two standard normals per pair of words by Box and Muller: radius from the first word, angle from the second.
///
/// The uniform is (word >> 1) * 2^-31 + 2^-32, in (0, 1]: 31 bits and not 24, so that the tail reaches 6.6 standard deviations and
/// not 5.8; 31 and not 32, because every SIMD level converts signed integers to float but few unsigned ones.
static inline void box_muller(const std::uint32_t* __restrict radius_words, const std::uint32_t* __restrict angle_words,
                              float* __restrict first, float* __restrict second) {
    NANOTILT_LANES
    for (int i = 0; i < lane_count; ++i) {
        const auto half = static_cast<std::int32_t>(radius_words[i] >> 1);
        const float uniform = static_cast<float>(half) * 0x1p-31F + 0x1p-32F;
        const float radius = std::sqrt(-2.0F * log_float(uniform));
        const SinCos direction = sincos_of_turn(angle_words[i]);
        first[i] = radius * direction.cos;
        second[i] = radius * direction.sin;
    }
}

/// n_groups * 64 normals of one purpose, to be written to `out`, from those of group `first_group` on.
struct WantedNormals {
    Purpose purpose;
    std::ptrdiff_t n_groups;
    float* out;
    std::ptrdiff_t first_group = 0;
    std::uint32_t object = 0;
};

/// Normals of some purposes, in one go because the generator's keys have to be got ready once. Group g is made of blocks 16 g ...
/// 16 g + 15: word w of block 16 g + l gives, with its partner, the normals at 64 g + 16 w + l. Structure of arrays over 16
/// blocks, so that all of it runs in vectors.
template <std::size_t n>
static inline void fill_normals(const StreamPosition& at, const WantedNormals (&wanted)[n]) {
    const PhiloxKey key = at.key;
    const auto c2 = static_cast<std::uint32_t>(at.index);
    const auto c3 = static_cast<std::uint32_t>(at.index >> 32);
    PhiloxGroup blocks;
    for (const WantedNormals& want : wanted) {
        const std::uint32_t c1 = static_cast<std::uint32_t>(want.purpose) | want.object << object_shift | at.domain;
        float* __restrict out = want.out;
        for (std::ptrdiff_t group = 0; group < want.n_groups; ++group) {
            draw_group(static_cast<std::uint32_t>((want.first_group + group) * lane_count), c1, c2, c3, key, blocks);
#ifdef __clang__
            // Clang 14 would take each word from the vector that was just stored, and then not see that lanes are independent.
            asm volatile("" : : "r"(&blocks) : "memory");
#endif
            box_muller(blocks.words[0], blocks.words[1], out, out + lane_count);
            box_muller(blocks.words[2], blocks.words[3], out + 2 * lane_count, out + 3 * lane_count);
            out += normals_per_group;
        }
    }
}

/// n_groups * 64 uniform numbers in [0, 1) of Purpose::noise, on a grid of 2^-24: word w of block 16 g + l gives the one at 64 g +
/// 16 w + l.
static inline void fill_uniforms(const StreamPosition& at, std::ptrdiff_t n_groups, float* __restrict out) {
    const auto c2 = static_cast<std::uint32_t>(at.index);
    const auto c3 = static_cast<std::uint32_t>(at.index >> 32);
    const std::uint32_t c1 = static_cast<std::uint32_t>(Purpose::noise) | at.domain;
    PhiloxGroup blocks;
    for (std::ptrdiff_t group = 0; group < n_groups; ++group) {
        draw_group(static_cast<std::uint32_t>(group * lane_count), c1, c2, c3, at.key, blocks);
        for (const auto& words : blocks.words) {
            for (int lane = 0; lane < lane_count; ++lane) {
                out[lane] = uniform01(words[lane]);
            }
            out += lane_count;
        }
    }
}

}  // namespace nanotilt
