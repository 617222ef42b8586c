// Threads: the only header that knows OpenMP. Without OpenMP everything runs on the calling thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <concepts>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <new>

#include "arena.hpp"
#include "floating_point.hpp"
#include "stop.hpp"

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

/// Threads of `wanted` that the next parallel region may ask for: fewer where the system refuses to start more (a limit on
/// processes, or no memory for stacks), because OpenMP's library ends the process then. To be asked by the thread that starts the
/// region, which must follow.
int granted_threads(int wanted);

/// How many threads were granted, of how many, the first time that the system refused some.
struct RefusedThreads {
    int wanted = 0;
    int granted = 0;
};

/// The first refusal of this process, once: later calls get {0, 0}.
RefusedThreads take_refusal();

/// Where the thread that called for parallel work waits until the others are done, asking meanwhile whether to stop: at the
/// region's end it could not.
class Gathering {
   public:
    void arrive();
    void wait_for(int n_threads, const Stop& stop);

   private:
    std::atomic<int> here_{0};
    std::mutex mutex_;
    std::condition_variable one_more_;
};

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

/// Calls body(begin, end, scratch) for pieces of [0, count) of `grain` items at most, rounding to nearest, until all are done or
/// `stop` is wanted. All memory is taken before the parallel region starts; `body` must not throw, and asks for itself where a
/// piece may take longer than some milliseconds. Which thread gets which piece varies, so results must not depend on it.
template <class Body>
void parallel_for(std::ptrdiff_t count, std::ptrdiff_t grain, int n_threads, std::size_t scratch_floats, const Stop& stop,
                  const Body& body) {
    if (count <= 0) {
        return;
    }
    grain = std::max<std::ptrdiff_t>(grain, 1);
    const auto pieces_of = [&](std::ptrdiff_t size) { return (count + size - 1) / size; };
    const int n = granted_threads(static_cast<int>(std::min<std::ptrdiff_t>(usable_threads(n_threads), pieces_of(grain))));
    // A thread alone has nothing to share out: fewer, larger pieces.
    grain *= n == 1 ? 16 : 1;
    const std::ptrdiff_t pieces = pieces_of(grain);
    ScratchPool pool(n, scratch_floats);
    // False once work is to stop.
    const auto work_on = [&](std::ptrdiff_t piece, float* scratch) {
        if (stop.wanted()) {
            return false;
        }
        body(piece * grain, std::min((piece + 1) * grain, count), scratch);
        return true;
    };
    if (n == 1) {
        const IeeeMode ieee;
        for (std::ptrdiff_t piece = 0; piece < pieces && work_on(piece, pool.slice(0)); ++piece) {
        }
        return;
    }
#ifdef _OPENMP
    Gathering gathering;
#pragma omp parallel num_threads(n)
    {
        const IeeeMode ieee;
        float* scratch = pool.slice(omp_get_thread_num());
        bool goes_on = true;
#pragma omp for schedule(dynamic, 1) nowait
        for (std::ptrdiff_t piece = 0; piece < pieces; ++piece) {
            goes_on = goes_on && work_on(piece, scratch);
        }
        gathering.arrive();
        if (omp_get_thread_num() == 0) {
            gathering.wait_for(omp_get_num_threads(), stop);
        }
    }
#endif
}

/// The same, with scratch memory in pieces: calls body(begin, end, pieces) with what `list(arena)` takes from the thread's block.
template <class List, class Body>
    requires std::invocable<const List&, Arena&>
void parallel_for(std::ptrdiff_t count, std::ptrdiff_t grain, int n_threads, const List& list, const Stop& stop, const Body& body) {
    parallel_for(count, grain, n_threads, floats_of(list), stop, [&](std::ptrdiff_t begin, std::ptrdiff_t end, float* scratch) {
        Arena arena(scratch);
        auto pieces = list(arena);
        body(begin, end, pieces);
    });
}

}  // namespace nanotilt
