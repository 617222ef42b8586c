// What a detector does to a thickness projection (Sullivan 2020, section 3.1): background, blur, noise; then normalisation.
#pragma once

#include "../base/stop.hpp"
#include "../geometry/blur.hpp"
#include "../instruments/chain.hpp"
#include "../instruments/counting.hpp"
#include "counting.hpp"

namespace nanotilt {

/// Continues a row of n beyond both ends by `radius` values, as its mirror image.
static inline void reflect_ends(float* row, std::ptrdiff_t n, std::ptrdiff_t radius) {
    for (std::ptrdiff_t i = 1; i <= radius; ++i) {
        row[-i] = row[reflected(-i, n)];
        row[n - 1 + i] = row[reflected(n - 1 + i, n)];
    }
}

/// `blur` with the number of weights known to the compiler, so that sums stay in registers.
template <int radius, typename Use>
static inline void blur_within(const float* __restrict row, std::ptrdiff_t n, const float* weights, const Use& use) {
    float w[radius + 1];
    for (int j = 0; j <= radius; ++j) {
        w[j] = weights[j];
    }
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        float sum = w[0] * row[i];
        for (int j = 1; j <= radius; ++j) {
            sum += w[j] * (row[i - j] + row[i + j]);
        }
        use(i, sum);
    }
}

/// sums[i] += over j in first ... last, weights[j] * (row[i - j] + row[i + j]).
static inline void add_neighbours(const float* __restrict row, std::ptrdiff_t n, const float* __restrict weights,
                                  std::ptrdiff_t first, std::ptrdiff_t last, float* __restrict sums) {
    for (std::ptrdiff_t j = first; j <= last; ++j) {
        const float weight = weights[j];
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            sums[i] += weight * (row[i - j] + row[i + j]);
        }
    }
}

/// Values of a row that are blurred together: they and what they need of the row stay in the first-level cache.
inline constexpr std::ptrdiff_t blurred_at_once = 2048;

/// Calls use(i, sum over j of weights[|j|] * row[i + j]) for each i in [0, n); sums run from the middle outwards. The row's ends
/// have been continued by `radius` values; `scratch` holds n.
template <typename Use>
static inline void blur(const float* __restrict row, std::ptrdiff_t n, const float* weights, std::ptrdiff_t radius,
                        float* __restrict scratch, const Use& use, StopPoints& points) {
    switch (radius) {
        case 0:
            return blur_within<0>(row, n, weights, use);
        case 1:
            return blur_within<1>(row, n, weights, use);
        case 2:
            return blur_within<2>(row, n, weights, use);
        case 3:
            return blur_within<3>(row, n, weights, use);
        case 4:
            return blur_within<4>(row, n, weights, use);
        default:
            break;
    }
    for (std::ptrdiff_t begin = 0; begin < n; begin += blurred_at_once) {
        const std::ptrdiff_t count = n - begin < blurred_at_once ? n - begin : blurred_at_once;
        const float* __restrict middle = row + begin;
        float* __restrict sums = scratch + begin;
        for (std::ptrdiff_t i = 0; i < count; ++i) {
            sums[i] = weights[0] * middle[i];
        }
        for (std::ptrdiff_t first = 1; first <= radius; first += 64) {
            const std::ptrdiff_t last = first + 63 < radius ? first + 63 : radius;
            if (points.stop_after((last - first + 1) * count)) {
                return;
            }
            add_neighbours(middle, count, weights, first, last, sums);
        }
        for (std::ptrdiff_t i = 0; i < count; ++i) {
            use(begin + i, sums[i]);
        }
    }
}

/// Signal to finished view. signal: background plus thickness, n_bins, with room for the blur's radius before and behind.
/// `scratch` holds n_bins.
static inline void detect(const DetectorPlan& detector, const StreamPosition& at, int view, const float* noise_normals,
                          float* __restrict signal, float* __restrict scratch, float* __restrict out, StopPoints& points) {
    const std::ptrdiff_t n = detector.n_bins;
    const auto radius = static_cast<std::ptrdiff_t>(detector.blur_weights.size()) - 1;
    const float* weights = detector.blur_weights.data();
    const float* __restrict normals = noise_normals + view * n;
    const float noise = detector.relative_noise;
    const float offset = detector.normalise_offset;
    const float scale = detector.normalise_scale;
    const auto noisy = [=](std::ptrdiff_t i, float t) { return t + noise * (t < 0.0F ? -t : t) * normals[i]; };
    reflect_ends(signal, n, radius);
    if (detector.dose == 0.0 && !detector.shifts_to_middle && noise > 0.0F) {  // nearly always: all in one pass
        blur(
            signal, n, weights, radius, scratch, [=](std::ptrdiff_t i, float t) { out[i] = (noisy(i, t) - offset) * scale; },
            points);
        return;
    }
    blur(signal, n, weights, radius, scratch, [=](std::ptrdiff_t i, float t) { out[i] = t; }, points);
    if (detector.dose > 0.0) {
        count(out, n, detector.dose, detector.counting, at, view * n, points);
    }
    if (noise > 0.0F) {
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            out[i] = noisy(i, out[i]);
        }
    }
    if (detector.shifts_to_middle) {
        centre_of_mass_to_middle(out, detector.n_bins, detector.background, detector.least_mass, scratch);
    }
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        out[i] = (out[i] - offset) * scale;
    }
}

}  // namespace nanotilt
