#include "../core/dispatch.hpp"
#include "../core/floating_point.hpp"
#include "../core/parallel.hpp"
#include "../core/recipe.hpp"
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
    module.def("restore_arithmetic_mode", &set_arithmetic_mode, py::arg("mode"), "Back to what enter_ieee_mode gave.");
    module.def("build_info", &build_info, "How this module was built, and what it uses on this machine.");
    module.def("default_thread_count", &default_thread_count, "Threads that calls use unless told otherwise.");
}

}  // namespace nanotilt::bindings
