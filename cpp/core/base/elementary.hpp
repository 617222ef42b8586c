// Elementary functions with the same bits on every machine: plain IEEE operations in a fixed order.
//
// The C library's exp, log, sin and cos differ in their last bits between versions and vendors, which would change the stream.
// Float versions are written so that loops over them vectorise; double versions serve tables and rare, scalar paths.
// `static inline` for the reason given in philox.hpp. The polynomials are weighted least-squares fits (Lawson's iteration,
// nearly minimax) whose largest relative error is given with each.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

// Before a loop over the lanes of one vector. Clang would unroll such a loop before it looks for vectors, and then find few
// (normals take six times as long at AVX-512).
#ifdef __clang__
#define NANOTILT_LANES _Pragma("clang loop unroll(disable) vectorize(enable)")
#else
#define NANOTILT_LANES
#endif

namespace nanotilt {

inline constexpr double pi = 3.14159265358979323846;

static inline float float_from_bits(std::int32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

static inline std::int32_t bits_from_float(float value) {
    std::int32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

/// The value, or 0, by masking bits: GCC turns many conditional expressions into branches, which no SIMD unit takes (six times
/// slower at x86-64-v2), and a multiplication by 0 would keep a NaN. For the same reason kernels add comparisons up as integers.
static inline float zero_unless(bool keep, float value) {
    return float_from_bits(bits_from_float(value) & -static_cast<std::int32_t>(keep));
}

/// Natural logarithm of a positive, normal float. Error below 1e-7 of |log x| + 1e-7 (polynomial: 3.0e-8).
static inline float log_float(float x) {
    const std::int32_t offset = bits_from_float(x) - 0x3F3504F3;  // 0x3F3504F3 = sqrt(1/2)
    const std::int32_t exponent = offset >> 23;
    const float f = float_from_bits(bits_from_float(x) - (exponent << 23)) - 1.0F;
    float q = 0.0898024514F;
    q = q * f - 0.144263476F;
    q = q * f + 0.148832098F;
    q = q * f - 0.165518612F;
    q = q * f + 0.199635327F;
    q = q * f - 0.250025809F;
    q = q * f + 0.333339304F;
    q = q * f - 0.499999821F;
    const float e = static_cast<float>(exponent);
    // ln 2 in two parts: the first has 9 trailing zero bits, so that e * part is exact.
    return e * 0.693359375F + (f + (f * f * q + e * -2.12194440e-4F));
}

struct SinCos {
    float sin;
    float cos;
};

/// Sine and cosine of quadrant * pi/2 + r, |r| <= pi/4 (polynomials: 3.6e-9 and 1e-10).
static inline SinCos sincos_reduced(std::int32_t quadrant, float r) {
    const float z = r * r;
    const float s = r + r * (z * ((-0.000195172979F * z + 0.008332178F) * z - 0.166666552F));
    const float c = 1.0F + z * (((2.44384501e-05F * z - 0.00138873677F) * z + 0.0416666456F) * z - 0.5F);
    const bool odd = (quadrant & 1) != 0;
    const std::int32_t sin_sign = (quadrant & 2) << 30;
    const std::int32_t cos_sign = ((quadrant + 1) & 2) << 30;
    return {float_from_bits(bits_from_float(odd ? c : s) ^ sin_sign), float_from_bits(bits_from_float(odd ? s : c) ^ cos_sign)};
}

/// Sine and cosine of 2 pi * word / 2^32: the angle is exact, no reduction is needed.
static inline SinCos sincos_of_turn(std::uint32_t word) {
    const std::int32_t quadrant = static_cast<std::int32_t>((word + 0x20000000U) >> 30);
    const std::int32_t rest = static_cast<std::int32_t>(word - (static_cast<std::uint32_t>(quadrant) << 30));
    return sincos_reduced(quadrant, static_cast<float>(rest) * (1.57079632679F * 0x1p-30F));
}

/// Sine and cosine of an angle in radians, |angle| < 10^4 (the reduction stays exact to 2e-7 there).
static inline SinCos sincos_float(float angle) {
    const float magic = 12582912.0F;  // 1.5 * 2^23: adding and subtracting rounds to the nearest integer
    const float n = (angle * 0.636619772F + magic) - magic;
    // pi/2 in three parts; the first two have few enough bits that n * part is exact.
    const float r = ((angle - n * 1.5703125F) - n * 4.837512969970703125e-4F) - n * 7.549789948768648e-8F;
    return sincos_reduced(static_cast<std::int32_t>(n), r);
}

/// exp in float, by 2^k and a Taylor sum to degree 7; error below 3e-7 of the result for -87 <= x <= 88, and exp(-87) below.
static inline float exp_float(float x) {
    const float magic = 12582912.0F;  // 1.5 * 2^23
    const float from = x > -87.0F ? x : -87.0F;
    const float k = (from * 1.44269504F + magic) - magic;
    const float r = (from - k * 0.693359375F) - k * -2.12194440e-4F;
    float sum = 1.0F / 5040.0F;
    sum = sum * r + 1.0F / 720.0F;
    sum = sum * r + 1.0F / 120.0F;
    sum = sum * r + 1.0F / 24.0F;
    sum = sum * r + 1.0F / 6.0F;
    sum = sum * r + 0.5F;
    sum = sum * r + 1.0F;
    sum = sum * r + 1.0F;
    return sum * float_from_bits((static_cast<std::int32_t>(k) + 127) << 23);
}

/// exp in double, by 2^k and a Taylor sum to degree 14; error below 4e-16 of the result for |x| < 700.
static inline double exp_double(double x) {
    if (x < -700.0) {
        return 0.0;
    }
    const double magic = 6755399441055744.0;  // 1.5 * 2^52
    const double k = (x * 1.4426950408889634 + magic) - magic;
    const double r = (x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10;
    double sum = 1.0;
    for (int i = 14; i >= 1; --i) {
        sum = 1.0 + sum * r / i;
    }
    const std::int64_t bits = (static_cast<std::int64_t>(k) + 1023) << 52;
    double scale;
    std::memcpy(&scale, &bits, sizeof scale);
    return sum * scale;
}

/// Natural logarithm in double of a positive, normal number, by the series of artanh; error below 4e-16 (relative to 1 + |log x|).
static inline double log_double(double x) {
    std::int64_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    const std::int64_t exponent = (bits - 0x3FE6A09E667F3BCDLL) >> 52;  // mantissa into [sqrt(1/2), sqrt(2))
    bits -= exponent * (std::int64_t{1} << 52);
    double m;
    std::memcpy(&m, &bits, sizeof m);
    const double s = (m - 1.0) / (m + 1.0);
    const double z = s * s;
    double sum = 0.0;
    for (int i = 21; i >= 1; i -= 2) {
        sum = sum * z + 1.0 / i;
    }
    const auto e = static_cast<double>(exponent);
    return e * 0.693147180369123816490 + (2.0 * s * sum + e * 1.90821492927058770002e-10);
}

struct SinCosDouble {
    double sin;
    double cos;
};

/// Sine and cosine in double by Taylor sums after reduction to |r| <= pi/4; error below 3e-16 for |angle| < 10^3.
static inline SinCosDouble sincos_double(double angle) {
    const double magic = 6755399441055744.0;
    const double n = (angle * 0.63661977236758134308 + magic) - magic;
    const double r = (angle - n * 1.57079632673412561417) - n * 6.07710050650619224932e-11;
    const double z = r * r;
    double s = 1.0;
    double c = 1.0;
    for (int i = 18; i >= 2; i -= 2) {
        s = 1.0 - s * z / (i * (i + 1));
        c = 1.0 - c * z / (i * (i - 1));
    }
    s *= r;
    switch (static_cast<std::int64_t>(n) & 3) {
        case 0:
            return {s, c};
        case 1:
            return {c, -s};
        case 2:
            return {-s, -c};
        default:
            return {-c, s};
    }
}

/// Arc tangent in double: the argument is halved in angle three times, then a Taylor sum to degree 15; error below 1e-15.
static inline double atan_double(double x) {
    double scale = 1.0;
    for (int i = 0; i < 3; ++i) {
        x = x / (1.0 + std::sqrt(1.0 + x * x));
        scale *= 2.0;
    }
    const double z = x * x;
    double sum = 0.0;
    for (int i = 15; i >= 1; i -= 2) {
        sum = 1.0 / i - z * sum;
    }
    return scale * x * sum;
}

/// Angle of the direction (x, y), in [0, pi), of a line that has no ends; 0 for (0, 0).
static inline double line_angle(double x, double y) {
    const double across = x < 0.0 ? -x : x;
    const double up = y < 0.0 ? -y : y;
    if (up == 0.0) {
        return 0.0;
    }
    const double angle = up > across ? 0.5 * pi - atan_double(across / up) : atan_double(up / across);
    return (x < 0.0) != (y < 0.0) ? pi - angle : angle;
}

/// Cube root of a positive, normal number.
static inline double cube_root(double x) {
    return exp_double(log_double(x) * (1.0 / 3.0));
}

}  // namespace nanotilt
