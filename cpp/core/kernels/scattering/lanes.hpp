// Vectors of floats as long as the level has them, for rows of an image; what is done to an element does not depend on the length.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../../base/elementary.hpp"
#include "../waves.hpp"

#ifdef __SSE4_1__
#include <immintrin.h>
#endif

namespace nanotilt {
namespace {

typedef std::int32_t IntLanes __attribute__((vector_size(wave_lanes * sizeof(std::int32_t))));

inline void store_lanes(float* to, WaveLanes lanes) {
    std::memcpy(to, &lanes, sizeof lanes);
}

inline WaveLanes larger_lanes(WaveLanes a, WaveLanes b) {
    return a > b ? a : b;
}

inline WaveLanes smaller_lanes(WaveLanes a, WaveLanes b) {
    return a < b ? a : b;
}

inline WaveLanes root_lanes(WaveLanes a) {
#if defined(__AVX512F__)
    return reinterpret_cast<WaveLanes>(_mm512_sqrt_ps(reinterpret_cast<__m512>(a)));
#elif defined(__AVX__)
    return reinterpret_cast<WaveLanes>(_mm256_sqrt_ps(reinterpret_cast<__m256>(a)));
#elif defined(__SSE4_1__)
    return reinterpret_cast<WaveLanes>(_mm_sqrt_ps(reinterpret_cast<__m128>(a)));
#else
    for (int i = 0; i < wave_lanes; ++i) {
        a[i] = std::sqrt(a[i]);
    }
    return a;
#endif
}

/// Entries of a table.
inline WaveLanes gathered(const float* table, IntLanes index) {
#if defined(__AVX512F__)
    return reinterpret_cast<WaveLanes>(_mm512_i32gather_ps(reinterpret_cast<__m512i>(index), table, 4));
#elif defined(__AVX2__)
    return reinterpret_cast<WaveLanes>(_mm256_i32gather_ps(table, reinterpret_cast<__m256i>(index), 4));
#else
    WaveLanes values;
    for (int i = 0; i < wave_lanes; ++i) {
        values[i] = table[index[i]];
    }
    return values;
#endif
}

inline WaveLanes floats_of_lanes(IntLanes a) {
    return __builtin_convertvector(a, WaveLanes);
}

/// The integer part of numbers >= 0.
inline IntLanes whole_lanes(WaveLanes a) {
    return __builtin_convertvector(a, IntLanes);
}

/// A table between its entries, at places >= 0.
inline WaveLanes between_entries(const float* table, IntLanes index, WaveLanes fraction) {
    const WaveLanes low = gathered(table, index);
    const WaveLanes high = gathered(table + 1, index);
    return low + fraction * (high - low);
}

inline WaveLanes magnitude_lanes(WaveLanes a) {
    return reinterpret_cast<WaveLanes>(reinterpret_cast<IntLanes>(a) & 0x7FFFFFFF);
}

}  // namespace
}  // namespace nanotilt
