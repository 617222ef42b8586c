#include "../core/base/floating_point.hpp"
#include "../core/base/parallel.hpp"
#include "../core/program/plan.hpp"
#include "../core/simd/choose.hpp"
#include "numpy_views.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

namespace nanotilt::bindings {
namespace {

const char* compiler() {
#if defined(__clang__)
    return "Clang " __clang_version__;
#elif defined(__GNUC__)
    return "GCC " __VERSION__;
#else
    return "unknown";
#endif
}

// Rounding and the flushing of subnormal numbers alone: other bits of the processor's register let errors of arithmetic end the
// process, or must not be set at all.
#if defined(__aarch64__)
constexpr unsigned long mode_bits = 0x1C00000;
#else
constexpr unsigned long mode_bits = 0xE040;
#endif

void restore_arithmetic_mode(unsigned long mode) {
    set_arithmetic_mode(ieee_mode | (mode & mode_bits));
}

py::dict build_info() {
    py::dict info;
    info["compiler"] = compiler();
    info["flags"] = NANOTILT_BUILD_FLAGS;
    info["build_type"] = NANOTILT_BUILD_TYPE;
#ifdef _OPENMP
    info["openmp"] = _OPENMP;
#else
    info["openmp"] = py::none();
#endif
    info["simd_levels"] = supported_levels();
    info["simd"] = active_kernels().level;
    info["threads"] = default_thread_count();
    return info;
}

}  // namespace

void bind_build_info(py::module_& module) {
    module.attr("stream_version") = stream_version;
    module.attr("__version__") = NANOTILT_VERSION;
    module.def(
        "enter_ieee_mode",
        [] {
            const unsigned long before = arithmetic_mode();
            set_arithmetic_mode(ieee_mode);
            return before;
        },
        "Makes this thread round to nearest and keep subnormal numbers; gives its mode before.");
    module.def("restore_arithmetic_mode", &restore_arithmetic_mode, py::arg("mode"), "Back to what enter_ieee_mode gave.");
    module.def("build_info", &build_info, "How this module was built, and what it uses on this machine.");
    module.def("default_thread_count", &default_thread_count, "Threads that calls use unless told otherwise.");
}

}  // namespace nanotilt::bindings
