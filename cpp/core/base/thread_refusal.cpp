// Fewer threads instead of the end of the process where the system refuses some. OpenMP's library offers no such thing: it starts
// its threads by itself, and exits when one can't be started. So threads are started here first, as many and with stacks as large
// as it is about to ask for, and ended again.
#include <algorithm>
#include <atomic>
#include <cctype>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include "parallel.hpp"

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif
#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#endif

namespace nanotilt {

#if defined(_OPENMP) && (defined(__unix__) || defined(__APPLE__))
namespace {

using Clock = std::chrono::steady_clock;

// An answer counts for so long, so that calls which take turns with two numbers of threads don't pay for it each time.
constexpr auto answer_lasts = std::chrono::milliseconds(100);

// "512", "512k" (KiB), "2 M", "1g", "8192 B", as OMP_STACKSIZE gives the size of a stack; 0 when it is none.
std::size_t stack_bytes(const char* text) {
    if (text == nullptr) {
        return 0;
    }
    char* end = nullptr;
    const unsigned long long number = std::strtoull(text, &end, 10);
    if (end == text) {
        return 0;
    }
    while (std::isspace(static_cast<unsigned char>(*end)) != 0) {
        ++end;
    }
    switch (std::tolower(static_cast<unsigned char>(*end))) {
        case 'b':
            return number;
        case 'm':
            return number << 20;
        case 'g':
            return number << 30;
        default:
            return number << 10;
    }
}

// Read when the library is loaded, as OpenMP's library does.
std::size_t read_stack_bytes() {
    for (const char* name : {"OMP_STACKSIZE", "GOMP_STACKSIZE", "KMP_STACKSIZE"}) {
        if (const std::size_t bytes = stack_bytes(std::getenv(name)); bytes > 0) {
            return bytes;
        }
    }
    return 0;
}
const std::size_t wanted_stack_bytes = read_stack_bytes();

// A thread that waits to be let go.
struct Trial {
    pthread_t thread;
    std::mutex* door;
#ifdef __linux__
    long id = 0;
#endif
};

void* wait_at_door(void* given) {
    auto* trial = static_cast<Trial*>(given);
#ifdef __linux__
    trial->id = syscall(SYS_gettid);
#endif
    const std::lock_guard wait(*trial->door);
    return nullptr;
}

// A thread that has been joined may count against the limit for some microseconds more.
void wait_until_gone(const Trial& trial) {
#ifdef __linux__
    const auto patience = Clock::now() + std::chrono::milliseconds(100);
    while (syscall(SYS_tgkill, getpid(), trial.id, 0) == 0 && Clock::now() < patience) {
        std::this_thread::yield();
    }
#else
    (void)trial;
#endif
}

// How many of `wanted` threads can be started beside those that there are.
int startable(int wanted) {
    std::vector<Trial> trials(static_cast<std::size_t>(wanted));
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    if (wanted_stack_bytes > 0) {
        pthread_attr_setstacksize(&attributes, wanted_stack_bytes);
    }
    int started = 0;
    std::mutex door;
    {
        const std::lock_guard closed(door);
        for (Trial& trial : trials) {
            trial.door = &door;
            if (pthread_create(&trial.thread, &attributes, &wait_at_door, &trial) != 0) {
                break;
            }
            ++started;
        }
    }
    pthread_attr_destroy(&attributes);
    for (int i = 0; i < started; ++i) {
        pthread_join(trials[static_cast<std::size_t>(i)].thread, nullptr);
    }
    for (int i = 0; i < started; ++i) {
        wait_until_gone(trials[static_cast<std::size_t>(i)]);
    }
    return started;
}

// The threads that OpenMP's library keeps ready belong to the thread that called, which gives some up when it asks for fewer.
struct Team {
    int size = 1;  // this thread and those kept ready
    int asked_for = 0;
    int granted = 0;
    Clock::time_point answered_at;
};
thread_local Team team;

// wanted * 2^32 + granted; 0 before the first refusal.
constexpr std::uint64_t taken = ~std::uint64_t{0};
std::atomic<std::uint64_t> first_refusal{0};

int ask_system(int wanted) {
    const bool answered = wanted <= team.granted || team.granted < team.asked_for;
    if (!answered || Clock::now() - team.answered_at >= answer_lasts) {
        team.asked_for = wanted;
        team.granted = team.size + startable(wanted - team.size);
        team.answered_at = Clock::now();
    }
    const int granted = std::min(wanted, team.granted);
    if (granted < wanted) {
        std::uint64_t none = 0;
        first_refusal.compare_exchange_strong(none,
                                              (static_cast<std::uint64_t>(wanted) << 32) + static_cast<std::uint64_t>(granted));
    }
    return granted;
}

}  // namespace

int granted_threads(int wanted) {
    if (wanted > team.size) {
        wanted = ask_system(wanted);
    }
    if (wanted > 1) {  // work on one thread leaves those that are kept ready alone
        team.size = wanted;
    }
    return wanted;
}

RefusedThreads take_refusal() {
    std::uint64_t refusal = first_refusal.load();
    if (refusal == 0 || refusal == taken || !first_refusal.compare_exchange_strong(refusal, taken)) {
        return {};
    }
    return {static_cast<int>(refusal >> 32), static_cast<int>(refusal & 0xFFFFFFFFU)};
}
#else
int granted_threads(int wanted) {
    return wanted;
}

RefusedThreads take_refusal() {
    return {};
}
#endif

}  // namespace nanotilt
