#include "choose.hpp"

#include <cstdlib>
#include <stdexcept>

namespace nanotilt {

#ifdef NANOTILT_X86_LEVELS
namespace v2 {
extern const Kernels kernels;
}
namespace v3 {
extern const Kernels kernels;
}
namespace v4 {
extern const Kernels kernels;
}
#else
namespace baseline {
extern const Kernels kernels;
}
#endif

namespace {

struct Level {
    const Kernels* kernels;
    bool supported;
};

// Lowest first. The names that __builtin_cpu_supports knows differ between compilers; these features stand for the levels: every
// processor that has them has the rest of the level. GCC and Clang also check that the system saves the wide registers.
std::vector<Level> levels() {
#ifdef NANOTILT_X86_LEVELS
    __builtin_cpu_init();
    const bool v2 = __builtin_cpu_supports("sse4.2") != 0 && __builtin_cpu_supports("popcnt") != 0;
    const bool v3 =
        v2 && __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi2") != 0 && __builtin_cpu_supports("fma") != 0;
    const bool v4 = v3 && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
                    __builtin_cpu_supports("avx512cd") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
                    __builtin_cpu_supports("avx512vl") != 0;
    return {{&v2::kernels, v2}, {&v3::kernels, v3}, {&v4::kernels, v4}};
#else
    return {{&baseline::kernels, true}};
#endif
}

const Kernels& choose() {
    const char* wanted = std::getenv("NANOTILT_SIMD");
    const Kernels* best = nullptr;
    std::string names;
    for (const Level& level : levels()) {
        const std::string name = level.kernels->level;
        names += (names.empty() ? "" : ", ") + name;
        if (wanted != nullptr && name == wanted) {
            if (!level.supported) {
                throw std::invalid_argument("this processor does not support SIMD level " + name + ". Received: NANOTILT_SIMD='" +
                                            name + "'");
            }
            return *level.kernels;
        }
        if (level.supported) {
            best = level.kernels;
        }
    }
    if (wanted != nullptr && *wanted != '\0') {
        throw std::invalid_argument("the environment variable NANOTILT_SIMD must be one of " + names +
                                    ". Received: NANOTILT_SIMD='" + wanted + "'");
    }
    if (best == nullptr) {
        throw std::runtime_error("nanotilt needs a processor with SSE4.2 (x86-64-v2)");
    }
    return *best;
}

}  // namespace

const Kernels& active_kernels() {
    static const Kernels& chosen = choose();
    return chosen;
}

std::vector<std::string> supported_levels() {
    std::vector<std::string> names;
    for (const Level& level : levels()) {
        if (level.supported) {
            names.emplace_back(level.kernels->level);
        }
    }
    return names;
}

}  // namespace nanotilt
