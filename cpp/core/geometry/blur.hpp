// Gaussian blur as scipy.ndimage.gaussian_filter1d does it: mode "reflect", truncate 4.0.
#pragma once

#include <cstddef>
#include <vector>

#include "../base/stop.hpp"

namespace nanotilt {

/// Normalised weights of offsets 0, 1, ... radius, radius = floor(4 sigma + 1/2); one entry (1) for sigma 0.
/// Throws std::invalid_argument unless sigma is in [0, 2^20].
std::vector<float> gaussian_weights(double sigma);

/// Index that position i of a row of n stands for when the row is reflected about its edges: d c b a | a b c d | d c b a.
inline std::ptrdiff_t reflected(std::ptrdiff_t i, std::ptrdiff_t n) {
    const std::ptrdiff_t period = 2 * n;
    std::ptrdiff_t m = i % period;
    m = m < 0 ? m + period : m;
    return m < n ? m : period - 1 - m;
}

/// Blurs n_rows contiguous rows of n.
void gaussian_blur(const float* in, std::ptrdiff_t n_rows, std::ptrdiff_t n, double sigma, float* out, int n_threads,
                   const Stop& stop = never);

}  // namespace nanotilt
