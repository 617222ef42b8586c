// The one gate between NumPy arrays and C++: an array is taken as it is or refused, never copied or reinterpreted in silence.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <string>

namespace nanotilt::bindings {

namespace py = pybind11;

/// Refuses arrays that are not C-contiguous and aligned, of element type T and of `ndim` dimensions (-1: any).
template <class T>
const T* data_of(const py::array& array, const char* field, py::ssize_t ndim = -1) {
    if (!array.dtype().is(py::dtype::of<T>())) {
        throw py::type_error(std::string(field) + " must have dtype " + std::string(py::str(py::dtype::of<T>())) +
                             ". Received: dtype " + std::string(py::str(array.dtype())));
    }
    if ((array.flags() & py::array::c_style) == 0) {
        throw py::type_error(std::string(field) + " must be C-contiguous");
    }
    if ((array.flags() & py::detail::npy_api::NPY_ARRAY_ALIGNED_) == 0) {
        throw py::type_error(std::string(field) + " must be aligned in memory");
    }
    if (ndim >= 0 && array.ndim() != ndim) {
        throw py::value_error(std::string(field) + " must have " + std::to_string(ndim) +
                              " dimensions. Received: " + std::to_string(array.ndim()));
    }
    return static_cast<const T*>(array.data());
}

/// The same for an array that is written to in place.
template <class T>
T* writable_data_of(py::array& array, const char* field, py::ssize_t ndim = -1) {
    data_of<T>(array, field, ndim);
    if (!array.writeable()) {
        throw py::type_error(std::string(field) + " must be writable");
    }
    return static_cast<T*>(array.mutable_data());
}

void bind_labels(py::module_& module);
void bind_lattice_fit(py::module_& module);
void bind_polar(py::module_& module);
void bind_pose(py::module_& module);
void bind_sampler(py::module_& module);
void bind_kernels(py::module_& module);
void bind_template_likelihood(py::module_& module);
void bind_testing(py::module_& module);
void bind_tomography(py::module_& module);
void bind_build_info(py::module_& module);

}  // namespace nanotilt::bindings
