#include "blur.hpp"

#include <stdexcept>
#include <string>

#include "../base/elementary.hpp"
#include "../base/floating_point.hpp"
#include "../base/parallel.hpp"
#include "../program/recipe_limits.hpp"
#include "../simd/choose.hpp"
#include "geometry_kernels.hpp"

namespace nanotilt {

std::vector<float> gaussian_weights(double sigma) {
    if (!(sigma >= 0.0 && sigma <= blur_sigma_limit)) {
        throw std::invalid_argument("blur sigma must be in [0, 2**20]. Received: " + std::to_string(sigma));
    }
    const auto n = static_cast<std::size_t>(4.0 * sigma + 0.5);
    std::vector<double> weights(n + 1, 1.0);
    double total = 1.0;
    for (std::size_t i = 1; i <= n; ++i) {
        const double x = static_cast<double>(i) / sigma;
        weights[i] = exp_double(-0.5 * x * x);
        total += 2.0 * weights[i];
    }
    std::vector<float> rounded;
    rounded.reserve(n + 1);
    for (const double weight : weights) {
        rounded.push_back(static_cast<float>(weight / total));
    }
    return rounded;
}

void gaussian_blur(const float* in, std::ptrdiff_t n_rows, std::ptrdiff_t n, double sigma, float* out, int n_threads,
                   const Stop& stop) {
    const IeeeMode caller_mode;
    const std::vector<float> weights = gaussian_weights(sigma);
    const auto radius = static_cast<std::ptrdiff_t>(weights.size()) - 1;
    const GeometryKernels& kernels = active_kernels().geometry;
    // About 4,096 values make a piece of work worth handing to a thread.
    const std::ptrdiff_t grain = n > 4096 ? 1 : 4096 / (n > 0 ? n : 1);
    parallel_for(n_rows, grain, n_threads, static_cast<std::size_t>(n + 2 * radius), stop,
                 [&](std::ptrdiff_t begin, std::ptrdiff_t end, float* scratch) {
                     for (std::ptrdiff_t row = begin; row < end; ++row) {
                         kernels.blur_row(in + row * n, n, weights.data(), radius, scratch, out + row * n, stop);
                     }
                 });
}

}  // namespace nanotilt
