// What a detector does to a thickness projection (Sullivan 2020, section 3.1): background, blur, noise; then normalisation.
#pragma once

#include "../blur.hpp"
#include "../counting.hpp"
#include "../dispatch.hpp"

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

/// Calls use(i, sum over j of weights[|j|] * row[i + j]) for each i in [0, n); sums run from the middle outwards. The row's ends
/// have been continued by `radius` values; `scratch` holds n.
template <typename Use>
static inline void blur(const float* __restrict row, std::ptrdiff_t n, const float* weights, std::ptrdiff_t radius,
                        float* __restrict scratch, const Use& use) {
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
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        scratch[i] = weights[0] * row[i];
    }
    for (std::ptrdiff_t j = 1; j <= radius; ++j) {
        const float weight = weights[j];
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            scratch[i] += weight * (row[i - j] + row[i + j]);
        }
    }
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        use(i, scratch[i]);
    }
}

/// Signal to finished view. signal: background plus thickness, n_bins, with room for the blur's radius before and behind.
/// `scratch` holds n_bins.
static inline void detect(const DetectorPlan& detector, const StreamPosition& at, int view, const float* noise_normals,
                          float* __restrict signal, float* __restrict scratch, float* __restrict out) {
    const std::ptrdiff_t n = detector.n_bins;
    const auto radius = static_cast<std::ptrdiff_t>(detector.blur_weights.size()) - 1;
    const float* weights = detector.blur_weights.data();
    const float* __restrict normals = noise_normals + view * n;
    const float noise = detector.noise;
    const float offset = detector.normalise_offset;
    const float scale = detector.normalise_scale;
    const auto noisy = [=](std::ptrdiff_t i, float t) { return t + noise * (t < 0.0F ? -t : t) * normals[i]; };
    reflect_ends(signal, n, radius);
    if (detector.dose == 0.0 && !detector.centring && noise > 0.0F) {  // nearly always: all in one pass
        blur(signal, n, weights, radius, scratch, [=](std::ptrdiff_t i, float t) { out[i] = (noisy(i, t) - offset) * scale; });
        return;
    }
    blur(signal, n, weights, radius, scratch, [=](std::ptrdiff_t i, float t) { out[i] = t; });
    if (detector.dose > 0.0) {
        count_electrons(out, detector.n_bins, detector.dose, at, static_cast<std::uint32_t>(view * n));
    }
    if (noise > 0.0F) {
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            out[i] = noisy(i, out[i]);
        }
    }
    if (detector.centring) {
        centre_of_mass_to_middle(out, detector.n_bins, detector.background, detector.least_mass, scratch);
    }
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        out[i] = (out[i] - offset) * scale;
    }
}

}  // namespace nanotilt
