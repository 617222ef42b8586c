// Vectors of doubles, as long as the level has them.
#pragma once

#include <cstdint>
#include <cstring>

#ifdef __SSE4_1__
#include <immintrin.h>
#endif

namespace nanotilt {

// Vectors of a given size are a language extension of GCC and Clang alike; what plain loops over arrays keep in memory stays in
// registers with them. Arithmetic goes element by element.
#if defined(__AVX512F__)
inline constexpr int double_lanes = 8;
#elif defined(__AVX__)
inline constexpr int double_lanes = 4;
#else
inline constexpr int double_lanes = 2;
#endif
typedef double WideDoubles __attribute__((vector_size(double_lanes * sizeof(double))));

/// What comparisons of such vectors give: all bits of an element, or none.
typedef std::int64_t WideMask __attribute__((vector_size(double_lanes * sizeof(double))));

static inline bool any_lane(WideMask mask) {
#if defined(__AVX512F__)
    return _mm512_test_epi64_mask(reinterpret_cast<__m512i>(mask), reinterpret_cast<__m512i>(mask)) != 0;
#elif defined(__AVX__)
    return _mm256_testz_si256(reinterpret_cast<__m256i>(mask), reinterpret_cast<__m256i>(mask)) == 0;
#elif defined(__SSE4_1__)
    return _mm_testz_si128(reinterpret_cast<__m128i>(mask), reinterpret_cast<__m128i>(mask)) == 0;
#else
    return (mask[0] | mask[1]) != 0;
#endif
}

/// 1 where the mask is set, else 0.
static inline WideDoubles one_where(WideMask mask) {
    constexpr std::int64_t one = 0x3FF0000000000000;
    return reinterpret_cast<WideDoubles>(mask & one);
}

}  // namespace nanotilt
