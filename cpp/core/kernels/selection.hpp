// Listing the few of many: the one loop that compilers do not vectorise and that costs too much as it stands.
#pragma once

#include <cstdint>
#include <cstring>

#include "../base/layout.hpp"

#ifdef __SSE4_1__
#include <immintrin.h>
#endif

namespace nanotilt {

#if defined(__SSE4_1__) && !defined(__AVX512F__)
/// For each mask of 8 lanes the numbers of the lanes that it names, first ones first: 2 KiB.
struct CompressionTable {
    unsigned char lanes[256][8];

    constexpr CompressionTable() : lanes{} {
        for (int mask = 0; mask < 256; ++mask) {
            int n = 0;
            for (unsigned char lane = 0; lane < 8; ++lane) {
                if ((mask >> lane & 1) != 0) {
                    lanes[mask][n++] = lane;
                }
            }
        }
    }
};
static constexpr CompressionTable compression_table;
#endif

/// Writes the indices i in [0, n) with value[i] > bound to `out`, in order, and returns how many there are. n is a multiple of
/// lane_count, and `out` has room for n + lane_count. Free of branches, because who is listed is as good as random: a test that
/// skips vectors without any took 0.02 us more.
///
/// For 288 values the AVX-512 form takes 0.02 us, the AVX2 form 0.03 us and the plain loop 0.16 us. All write the same list.
static inline std::int32_t indices_above(const float* value, int n, float bound, std::int32_t* out) {
    std::int32_t count = 0;
#ifdef __AVX512F__
    const __m512 bounds = _mm512_set1_ps(bound);
    const __m512i step = _mm512_set1_epi32(lane_count);
    __m512i index = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    for (int i = 0; i < n; i += lane_count) {
        const __mmask16 above = _mm512_cmp_ps_mask(_mm512_loadu_ps(value + i), bounds, _CMP_GT_OQ);
        // Compressed in a register and stored whole: storing compressed is microcode on some processors.
        _mm512_storeu_si512(out + count, _mm512_maskz_compress_epi32(above, index));
        count += __builtin_popcount(above);
        index = _mm512_add_epi32(index, step);
    }
#elif defined(__AVX2__)
    const __m256 bounds = _mm256_set1_ps(bound);
    for (int i = 0; i < n; i += 8) {
        const int above = _mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(value + i), bounds, _CMP_GT_OQ));
        const __m128i packed = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(compression_table.lanes[above]));
        const __m256i indices = _mm256_add_epi32(_mm256_cvtepu8_epi32(packed), _mm256_set1_epi32(i));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + count), indices);
        count += __builtin_popcount(static_cast<unsigned>(above));
    }
#elif defined(__SSE4_1__)
    const __m128 bounds = _mm_set1_ps(bound);
    for (int i = 0; i < n; i += 4) {
        const int above = _mm_movemask_ps(_mm_cmpgt_ps(_mm_loadu_ps(value + i), bounds));
        std::int32_t packed = 0;
        std::memcpy(&packed, compression_table.lanes[above], sizeof packed);
        const __m128i indices = _mm_add_epi32(_mm_cvtepu8_epi32(_mm_cvtsi32_si128(packed)), _mm_set1_epi32(i));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out + count), indices);
        count += __builtin_popcount(static_cast<unsigned>(above));
    }
#else
    for (std::int32_t i = 0; i < n; ++i) {
        out[count] = i;
        count += static_cast<std::int32_t>(value[i] > bound);
    }
#endif
    return count;
}

}  // namespace nanotilt
