#include "matrix_product.hpp"

#include "../base/floating_point.hpp"
#include "../base/parallel.hpp"
#include "../base/stop.hpp"
#include "../simd/choose.hpp"
#include "inference_kernels.hpp"

namespace nanotilt {

void matrix_product(const double* a, const double* b, std::ptrdiff_t n_rows, std::ptrdiff_t n_inner, std::ptrdiff_t n_columns,
                    double* out, int n_threads, const Stop& stop) {
    constexpr std::ptrdiff_t rows_per_piece = 64;
    const InferenceKernels& kernels = active_kernels().inference;
    parallel_for(n_rows, rows_per_piece, n_threads, 0, stop, [&](std::ptrdiff_t begin, std::ptrdiff_t end, float* /*scratch*/) {
        const IeeeMode ieee;
        kernels.multiply_matrices(a + begin * n_inner, b, end - begin, n_inner, n_columns, out + begin * n_columns);
    });
}

}  // namespace nanotilt
