// nanotilt._core: the compiled part of nanotilt. Private: the public API is the Python package.
#include "numpy_views.hpp"

PYBIND11_MODULE(_core, module) {
    module.doc() = "Compiled core of nanotilt.";
    nanotilt::bindings::bind_sampler(module);
    nanotilt::bindings::bind_kernels(module);
    nanotilt::bindings::bind_template_likelihood(module);
    nanotilt::bindings::bind_tomography(module);
    nanotilt::bindings::bind_labels(module);
    nanotilt::bindings::bind_lattice_fit(module);
    nanotilt::bindings::bind_pose(module);
    nanotilt::bindings::bind_polar(module);
    nanotilt::bindings::bind_build_info(module);
    nanotilt::bindings::bind_testing(module);
}
