// Numbers of the usual distributions from random words, in double, for scalar code.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

#include "elementary.hpp"

namespace nanotilt {

/// Uniform in (0, 1).
static inline double uniform_of(std::uint32_t word) {
    return (word + 0.5) * 0x1p-32;
}

/// Uniform in (low, high); exactly low where they are the same.
static inline double uniform_between(double low, double high, std::uint32_t word) {
    return low + (high - low) * uniform_of(word);
}

/// Two independent standard normals from two random words (Box and Muller 1958).
static inline std::array<double, 2> two_normals(std::uint32_t radius_word, std::uint32_t angle_word) {
    const double radius = std::sqrt(-2.0 * log_double(uniform_of(radius_word)));
    const SinCosDouble direction = sincos_double(2.0 * pi * uniform_of(angle_word));
    return {radius * direction.cos, radius * direction.sin};
}

}  // namespace nanotilt
