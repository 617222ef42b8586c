// Threads: the only header that knows OpenMP. Without OpenMP everything runs on the calling thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace nanotilt {

/// Threads to use: NANOTILT_NUM_THREADS, else OMP_NUM_THREADS, else the processors that this process may use (affinity mask and
/// cgroup quota). 1 in a forked child, where libgomp would hang. Throws std::invalid_argument when NANOTILT_NUM_THREADS is set
/// but not a positive integer.
int default_thread_count();

/// Threads that a call asking for `wanted` really gets: 1 in a forked child or without OpenMP.
int usable_threads(int wanted);

/// Scratch memory for several threads: one slice each, two cache lines apart at least, so that no line is shared.
class ScratchPool {
   public:
    ScratchPool(int n_threads, std::size_t n_floats)
        : stride_((n_floats + 31) / 32 * 32 + 32),
          memory_(static_cast<float*>(
              ::operator new(static_cast<std::size_t>(n_threads) * stride_ * sizeof(float), std::align_val_t{128}))) {}
    float* slice(int thread) { return memory_.get() + static_cast<std::size_t>(thread) * stride_; }

   private:
    struct Free {
        void operator()(float* p) const { ::operator delete(p, std::align_val_t{128}); }
    };
    std::size_t stride_;
    std::unique_ptr<float, Free> memory_;
};

/// Calls body(begin, end, scratch) for pieces of [0, count) of `grain` items at most. All memory is taken before the parallel
/// region starts; `body` must not throw. Which thread gets which piece varies, so results must not depend on it.
template <class Body>
void parallel_for(std::ptrdiff_t count, std::ptrdiff_t grain, int n_threads, std::size_t scratch_floats, const Body& body) {
    grain = std::max<std::ptrdiff_t>(grain, 1);
    const std::ptrdiff_t pieces = (count + grain - 1) / grain;
    const int n = static_cast<int>(std::min<std::ptrdiff_t>(usable_threads(n_threads), pieces));
    if (count <= 0) {
        return;
    }
    ScratchPool pool(std::max(n, 1), scratch_floats);
    if (n <= 1) {
        body(std::ptrdiff_t{0}, count, pool.slice(0));
        return;
    }
#ifdef _OPENMP
#pragma omp parallel num_threads(n)
    {
        float* scratch = pool.slice(omp_get_thread_num());
#pragma omp for schedule(dynamic, 1)
        for (std::ptrdiff_t piece = 0; piece < pieces; ++piece) {
            const std::ptrdiff_t begin = piece * grain;
            body(begin, std::min(begin + grain, count), scratch);
        }
    }
#endif
}

}  // namespace nanotilt
