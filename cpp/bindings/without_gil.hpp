// The one place where the GIL is given up: long work that answers Ctrl-C and outlives the interpreter.
#pragma once

#include <pybind11/pybind11.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <exception>
#include <limits>
#include <string>
#include <thread>

#include "../core/base/floating_point.hpp"
#include "../core/base/parallel.hpp"
#include "../core/base/stop.hpp"

namespace nanotilt::bindings {

namespace py = pybind11;

/// While it lives, the GIL is with others. The thread that made it takes it back ten times a second, to let Python handle signals;
/// an exception from that (KeyboardInterrupt) stops the work. Only Python's main thread handles signals, so others look once.
class SignalWatch final : public Stop {
   public:
    SignalWatch() : state_(PyEval_SaveThread()) {}
    ~SignalWatch() override {
        if (state_ != nullptr) {
            take_gil();
        }
    }

    [[nodiscard]] bool wanted() const noexcept override {
        if (raised_.load(std::memory_order_relaxed)) {
            return true;
        }
        if (std::this_thread::get_id() == owner_ && now_ms() >= next_look_ms_) {
            look();
        }
        return raised_.load(std::memory_order_relaxed);
    }

    /// Takes the GIL back for good. Raises what a signal asked for.
    void finish() {
        take_gil();
        state_ = nullptr;
        if (raised_.load()) {
            throw py::error_already_set();
        }
    }

   private:
    static constexpr long long look_every_ms = 100;

    static long long now_ms() noexcept {
#ifdef CLOCK_MONOTONIC_COARSE
        // Some milliseconds late, and four times as fast as the exact time: work asks after every few microseconds.
        timespec now{};
        clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
        return now.tv_sec * 1000LL + now.tv_nsec / 1'000'000;
#else
        using namespace std::chrono;
        return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
#endif
    }

    // When the interpreter has begun to end, no other thread gets the GIL any more: CPython up to 3.13 ends the thread that asks,
    // by unwinding its stack, which would end the process here, in the midst of C++ (and of OpenMP's threads). From 3.14 on it lets
    // the thread wait for ever; so does this.
    void take_gil() const noexcept {
        try {
            PyEval_RestoreThread(state_);
        } catch (...) {
            wait_for_the_end();
        }
    }

    void look() const noexcept {
        take_gil();
        try {
            raised_.store(PyErr_CheckSignals() != 0);
            next_look_ms_ = raised_.load() || is_main_thread() ? now_ms() + look_every_ms : std::numeric_limits<long long>::max();
        } catch (...) {  // a call into Python gave up the GIL for a moment
            wait_for_the_end();
        }
        PyEval_SaveThread();
    }

    [[noreturn]] static void wait_for_the_end() noexcept {
        for (;;) {
            std::this_thread::sleep_for(std::chrono::hours(1));
        }
    }

    // Where that can't be found out, this thread may be the one.
    static bool is_main_thread() {
        try {
            const py::object main = py::module_::import("threading").attr("main_thread")();
            return main.attr("ident").cast<unsigned long>() == PyThread_get_thread_ident();
        } catch (py::error_already_set& error) {
            error.discard_as_unraisable("nanotilt");
        } catch (const std::exception&) {
        }
        return true;
    }

    PyThreadState* state_;
    std::thread::id owner_ = std::this_thread::get_id();
    mutable std::atomic<bool> raised_{false};
    mutable long long next_look_ms_ = now_ms() + look_every_ms;
};

/// Warns, once in a process, where the system has refused threads.
inline void warn_of_refused_threads() {
    const RefusedThreads refused = take_refusal();
    if (refused.wanted == 0) {
        return;
    }
    const std::string words = "the system refused to start " + std::to_string(refused.wanted) + " threads: nanotilt works on " +
                              std::to_string(refused.granted) +
                              ", until more can be started. NANOTILT_NUM_THREADS or n_threads asks for fewer; ulimit -u, the "
                              "container's limit of processes, or memory for their stacks (OMP_STACKSIZE) allow more";
    if (PyErr_WarnEx(PyExc_RuntimeWarning, words.c_str(), 1) != 0) {
        throw py::error_already_set();
    }
}

/// Calls work(stop) without the GIL, in the default mode of floating point: every call into the core that may take longer than some
/// milliseconds. `work` touches nothing of Python's, hands `stop` on, and comes back soon once it is wanted. Raises what a signal
/// asked for (KeyboardInterrupt), and what `work` throws.
template <class Work>
void without_gil(const Work& work) {
    SignalWatch watch;
    try {
        const IeeeMode ieee;
        work(static_cast<const Stop&>(watch));
    } catch (const Stopped&) {  // finish tells why
    }
    watch.finish();
    warn_of_refused_threads();
}

}  // namespace nanotilt::bindings
