#include <algorithm>

#include "../core/base/elementary.hpp"
#include "../core/geometry/blur.hpp"
#include "../core/geometry/projection.hpp"
#include "../core/program/recipe_limits.hpp"
#include "ring_inputs.hpp"
#include "without_gil.hpp"

namespace nanotilt::bindings {
namespace {

constexpr double largest_float = static_cast<double>(std::numeric_limits<float>::max());

// The bins of a shorter detector would be too many per unit of length for a float.
constexpr double smallest_span = 1e-30;

py::array_t<float> project_rings(const std::vector<py::array>& rings, const py::array& densities, const py::array& angles_rad,
                                 int n_bins, double lower, double upper, std::pair<double, double> about, bool bins,
                                 int n_threads) {
    const double* angles = angles_of(angles_rad);
    const std::vector<RingInput> inputs = ring_inputs(rings, densities);
    const py::ssize_t n_angles = angles_rad.shape(0);
    expect_count("n_bins", n_bins, 1, n_bins_limit);
    expect_result_fits("n_bins", n_bins, n_angles);
    for (const auto& [field, value] :
         {std::pair("lower", lower), {"upper", upper}, {"about", about.first}, {"about", about.second}}) {
        expect_within(field, value, -largest_float, largest_float);
    }
    expect_within("upper - lower", upper - lower, smallest_span, 2.0 * largest_float);
    py::array_t<float> out({n_angles, static_cast<py::ssize_t>(n_bins)});
    float* out_data = out.mutable_data();
    const ProjectionGrid grid{n_bins, lower, upper, about.first, about.second, bins ? Sampling::bin : Sampling::ray};
    without_gil([&](const Stop& stop) { project(inputs, grid, angles, n_angles, out_data, n_threads, stop); });
    return out;
}

py::array_t<float> blur_rows(const py::array& rows, double sigma, int n_threads) {
    const float* in = data_of<float>(rows, "rows", 2);
    const py::ssize_t n_rows = rows.shape(0);
    const py::ssize_t n = rows.shape(1);
    expect_within("sigma", sigma, 0.0, blur_sigma_limit);
    py::array_t<float> out({n_rows, n});
    if (out.size() == 0) {
        return out;
    }
    float* out_data = out.mutable_data();
    without_gil([&](const Stop& stop) { gaussian_blur(in, n_rows, n, sigma, out_data, n_threads, stop); });
    return out;
}

// In one pass and without a copy, so that whatever goes in and comes out can be checked. Magnitudes of floats are ordered as their
// bits are, infinity above all numbers and NaN above infinity.
float largest_magnitude(const py::array& values) {
    const float* data = data_of<float>(values, "values");
    const py::ssize_t n = values.size();
    constexpr py::ssize_t lanes = 16;
    std::int32_t largest[lanes] = {};
    const auto meet = [&](py::ssize_t i, py::ssize_t lane) {
        const std::int32_t bits = bits_from_float(data[i]) & 0x7FFFFFFF;
        largest[lane] = bits > largest[lane] ? bits : largest[lane];
    };
    without_gil([&](const Stop&) {
        py::ssize_t first = 0;
        for (; first + lanes <= n; first += lanes) {
            for (py::ssize_t lane = 0; lane < lanes; ++lane) {
                meet(first + lane, lane);
            }
        }
        for (; first < n; ++first) {
            meet(first, 0);
        }
    });
    return float_from_bits(*std::max_element(largest, largest + lanes));
}

}  // namespace

void bind_kernels(py::module_& module) {
    module.def("project", &project_rings, py::arg("rings"), py::arg("densities"), py::arg("angles_rad"), py::arg("n_bins"),
               py::arg("lower"), py::arg("upper"), py::arg("about"), py::arg("bins"), py::arg("n_threads"),
               "Thickness of rings at each angle: (n_angles, n_bins).");
    module.def("gaussian_blur", &blur_rows, py::arg("rows"), py::arg("sigma"), py::arg("n_threads"), "Blurs each row.");
    module.def("largest_magnitude", &largest_magnitude, py::arg("values"),
               "The largest magnitude of float32 numbers; infinite or not a number if one of them is; 0 of none.");
}

}  // namespace nanotilt::bindings
