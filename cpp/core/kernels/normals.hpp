// Normal variates, 64 at a time.
#pragma once

#include <cmath>

#include "../elementary.hpp"
#include "../philox.hpp"
#include "../recipe.hpp"

namespace nanotilt {

/// Two standard normals per pair of words by Box and Muller: radius from the first word, angle from the second.
///
/// The uniform is (word >> 1) * 2^-31 + 2^-32, in (0, 1]: 31 bits and not 24, so that the tail reaches 6.6 standard deviations and
/// not 5.8; 31 and not 32, because every SIMD level converts signed integers to float but few unsigned ones.
static inline void box_muller(const std::uint32_t* radius_words, const std::uint32_t* angle_words, float* first, float* second) {
    for (int i = 0; i < lane_count; ++i) {
        const auto half = static_cast<std::int32_t>(radius_words[i] >> 1);
        const float uniform = static_cast<float>(half) * 0x1p-31F + 0x1p-32F;
        const float radius = std::sqrt(-2.0F * log_float(uniform));
        const SinCos direction = sincos_of_turn(angle_words[i]);
        first[i] = radius * direction.cos;
        second[i] = radius * direction.sin;
    }
}

/// Normals of one purpose. Group g is made of blocks 16 g ... 16 g + 15: word w of block 16 g + l gives, with its partner, the
/// normals at 64 g + 16 w + l. Structure of arrays over 16 blocks, so that all of it runs in vectors.
static inline void fill_normals(const StreamPosition& at, Purpose purpose, std::ptrdiff_t n_groups, float* __restrict out) {
    const PhiloxKey key = at.key;
    const std::uint32_t c1 = static_cast<std::uint32_t>(purpose) | at.domain;
    const auto c2 = static_cast<std::uint32_t>(at.index);
    const auto c3 = static_cast<std::uint32_t>(at.index >> 32);
    for (std::ptrdiff_t group = 0; group < n_groups; ++group) {
        alignas(64) std::uint32_t w0[lane_count];
        alignas(64) std::uint32_t w1[lane_count];
        alignas(64) std::uint32_t w2[lane_count];
        alignas(64) std::uint32_t w3[lane_count];
        const auto first_block = static_cast<std::uint32_t>(group * lane_count);
        for (std::uint32_t lane = 0; lane < lane_count; ++lane) {
            const PhiloxWords words = philox4x32({{first_block + lane, c1, c2, c3}}, key);
            w0[lane] = words.w[0];
            w1[lane] = words.w[1];
            w2[lane] = words.w[2];
            w3[lane] = words.w[3];
        }
        float* group_out = out + group * normals_per_group;
        box_muller(w0, w1, group_out, group_out + lane_count);
        box_muller(w2, w3, group_out + 2 * lane_count, group_out + 3 * lane_count);
    }
}

}  // namespace nanotilt
