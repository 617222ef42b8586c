#include "parallel.hpp"

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif
#ifdef __linux__
#include <sched.h>
#endif

namespace nanotilt {
namespace {

std::atomic<bool> forked_child{false};

// Registered when the library is loaded: libgomp's worker threads do not survive a fork, and its next parallel region in the
// child would wait for them for ever.
struct ForkWatch {
    ForkWatch() {
#if defined(__unix__) || defined(__APPLE__)
        pthread_atfork(nullptr, nullptr, [] { forked_child.store(true); });
#endif
    }
};
const ForkWatch fork_watch;

// Parses the positive integer that `text` is; 0 when it is none.
int positive_integer(const char* text) {
    char* end = nullptr;
    const long value = std::strtol(text, &end, 10);
    return end != text && *end == '\0' && value > 0 && value <= 65536 ? static_cast<int>(value) : 0;
}

#ifdef __linux__
// Processors' worth of time that one cgroup allows, or 0 when it sets no limit. cgroup v2: "max 100000" or "200000 100000".
double quota_v2(const std::string& folder) {
    std::ifstream file(folder + "/cpu.max");
    std::string quota;
    double period = 0.0;
    if (!(file >> quota >> period) || quota == "max" || !(period > 0.0)) {
        return 0.0;
    }
    return std::strtod(quota.c_str(), nullptr) / period;
}

double quota_v1(const std::string& folder) {
    std::ifstream quota_file(folder + "/cpu.cfs_quota_us");
    std::ifstream period_file(folder + "/cpu.cfs_period_us");
    double quota = 0.0;
    double period = 0.0;
    if (!(quota_file >> quota) || !(period_file >> period) || quota <= 0.0 || period <= 0.0) {
        return 0.0;
    }
    return quota / period;
}

// The tightest limit from this process's cgroup up to the root that is mounted.
double cgroup_quota() {
    double tightest = 0.0;
    const auto tighten = [&](double quota) {
        if (quota > 0.0 && (tightest == 0.0 || quota < tightest)) {
            tightest = quota;
        }
    };
    tighten(quota_v1("/sys/fs/cgroup/cpu"));
    std::ifstream groups("/proc/self/cgroup");
    for (std::string line; std::getline(groups, line);) {
        if (line.rfind("0::", 0) != 0) {
            continue;
        }
        for (std::string path = line.substr(3);; path.erase(path.find_last_of('/'))) {
            tighten(quota_v2("/sys/fs/cgroup" + path));
            if (path.find_last_of('/') == std::string::npos) {
                break;
            }
        }
    }
    return tightest;
}
#endif

int available_processors() {
    int processors = static_cast<int>(std::thread::hardware_concurrency());
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        processors = CPU_COUNT(&set);
    }
    static const double quota = cgroup_quota();  // files: read once
    if (quota > 0.0) {
        processors = std::min(processors, static_cast<int>(std::ceil(quota)));
    }
#endif
    return std::max(processors, 1);
}

}  // namespace

int default_thread_count() {
    if (const char* text = std::getenv("NANOTILT_NUM_THREADS"); text != nullptr && *text != '\0') {
        const int threads = positive_integer(text);
        if (threads == 0) {
            throw std::invalid_argument(
                std::string("the environment variable NANOTILT_NUM_THREADS must be a positive integer. Received: "
                            "NANOTILT_NUM_THREADS='") +
                text + "'");
        }
        return usable_threads(threads);
    }
    // "4,2" is a legal OMP_NUM_THREADS (levels of nesting): the first number counts; anything else is not ours to judge.
    if (const char* text = std::getenv("OMP_NUM_THREADS"); text != nullptr) {
        const std::string all(text);
        if (const int threads = positive_integer(all.substr(0, all.find(',')).c_str()); threads > 0) {
            return usable_threads(threads);
        }
    }
    return usable_threads(available_processors());
}

int usable_threads(int wanted) {
#ifdef _OPENMP
    // Far more than processors only wait for each other, and libgomp ends the process where the system refuses a thread.
    static const int most = std::max(256, 4 * static_cast<int>(std::thread::hardware_concurrency()));
    return forked_child.load() ? 1 : std::clamp(wanted, 1, most);
#else
    (void)wanted;
    return 1;
#endif
}

void Gathering::arrive() {
    {
        const std::lock_guard lock(mutex_);
        here_.fetch_add(1, std::memory_order_release);
    }
    one_more_.notify_one();
}

void Gathering::wait_for(int n_threads, const Stop& stop) {
    using namespace std::chrono_literals;
    const auto all_here = [&] { return here_.load(std::memory_order_acquire) == n_threads; };
    // Most pieces are short: to fall asleep and be woken takes as long as they do.
    for (const auto end = std::chrono::steady_clock::now() + 100us; std::chrono::steady_clock::now() < end;) {
        if (all_here()) {
            return;
        }
    }
    while (!all_here()) {
        (void)stop.wanted();  // the others ask, too, but only this thread may be able to find out
        std::unique_lock lock(mutex_);
        one_more_.wait_for(lock, 20ms, all_here);
    }
}

}  // namespace nanotilt
