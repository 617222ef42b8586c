// What a detector does to a thickness projection (Sullivan 2020, section 3.1): background, blur, noise; then normalisation.
#pragma once

#include "../blur.hpp"
#include "../counting.hpp"
#include "../dispatch.hpp"

namespace nanotilt {

/// out[i] = sum over j of weights[|j|] * row[i + j], rows reflected at their edges. `scratch` holds n + 2 * radius values; `in` may
/// be `out`.
static inline void blur_row(const float* in, std::ptrdiff_t n, const float* __restrict weights, std::ptrdiff_t radius,
                            float* __restrict scratch, float* out) {
    float* __restrict row = scratch + radius;
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        row[i] = in[i];
    }
    for (std::ptrdiff_t i = 1; i <= radius; ++i) {
        row[-i] = in[reflected(-i, n)];
        row[n - 1 + i] = in[reflected(n - 1 + i, n)];
    }
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        out[i] = weights[0] * row[i];
    }
    for (std::ptrdiff_t j = 1; j <= radius; ++j) {
        const float weight = weights[j];
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            out[i] += weight * (row[i - j] + row[i + j]);
        }
    }
}

/// Relative noise: each value t becomes t + noise * |t| * normal.
static inline void add_relative_noise(float* __restrict values, int n, float noise, const float* __restrict normals) {
    for (int i = 0; i < n; ++i) {
        const float t = values[i];
        const float magnitude = t < 0.0F ? -t : t;
        values[i] = t + noise * magnitude * normals[i];
    }
}

/// Thickness to finished view.
static inline void detect(const DetectorPlan& detector, const StreamPosition& at, int view, const float* noise_normals,
                          float* thickness, float* scratch, float* __restrict out) {
    const int n = detector.n_bins;
    for (int i = 0; i < n; ++i) {
        thickness[i] += detector.background;
    }
    const auto radius = static_cast<std::ptrdiff_t>(detector.blur_weights.size()) - 1;
    if (radius > 0) {
        blur_row(thickness, n, detector.blur_weights.data(), radius, scratch, out);
    } else {
        for (int i = 0; i < n; ++i) {
            out[i] = thickness[i];
        }
    }
    if (detector.dose > 0.0) {
        count_electrons(out, n, detector.dose, at, static_cast<std::uint32_t>(view) * static_cast<std::uint32_t>(n));
    }
    if (detector.noise > 0.0F) {
        add_relative_noise(out, n, detector.noise, noise_normals + static_cast<std::ptrdiff_t>(view) * n);
    }
    if (detector.centring) {
        centre_of_mass_to_middle(out, n, detector.background, detector.least_mass, scratch);
    }
    for (int i = 0; i < n; ++i) {
        out[i] = (out[i] - detector.normalise_offset) * detector.normalise_scale;
    }
}

}  // namespace nanotilt
