#include <algorithm>

#include "../core/base/elementary.hpp"
#include "../core/geometry/blur.hpp"
#include "../core/geometry/projection.hpp"
#include "../core/instruments/counting.hpp"
#include "../core/program/dispatch.hpp"
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

py::tuple philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
    const PhiloxWords words = philox4x32({{counter[0], counter[1], counter[2], counter[3]}}, {key[0], key[1]});
    return py::make_tuple(words.w[0], words.w[1], words.w[2], words.w[3]);
}

py::array_t<float> standard_normals(std::uint64_t seed, std::uint64_t index, std::uint32_t purpose, py::ssize_t n_groups) {
    expect_count("n_groups", n_groups, 0, 1 << 20);
    py::array_t<float> out(n_groups * normals_per_group);
    float* data = out.mutable_data();
    without_gil([&](const Stop&) {
        active_kernels().normals({philox_key(seed), 0, index}, static_cast<Purpose>(purpose), n_groups, data);
    });
    return out;
}

py::array_t<double> poisson_counts(double lambda, std::uint64_t seed, py::ssize_t count) {
    expect_finite("mean", lambda);
    expect_count("count", count, 0, 1 << 24);
    py::array_t<double> out(count);
    double* data = out.mutable_data();
    without_gil([&](const Stop& stop) {
        StopPoints points(stop);
        for (py::ssize_t i = 0; i < count && !points.stop_after(100); ++i) {
            data[i] = poisson(lambda, {philox_key(seed), 0, static_cast<std::uint64_t>(i)}, 0);
        }
    });
    return out;
}

}  // namespace

void bind_kernels(py::module_& module) {
    module.def("project", &project_rings, py::arg("rings"), py::arg("densities"), py::arg("angles_rad"), py::arg("n_bins"),
               py::arg("lower"), py::arg("upper"), py::arg("about"), py::arg("bins"), py::arg("n_threads"),
               "Thickness of rings at each angle: (n_angles, n_bins).");
    module.def("gaussian_blur", &blur_rows, py::arg("rows"), py::arg("sigma"), py::arg("n_threads"), "Blurs each row.");
    module.def("largest_magnitude", &largest_magnitude, py::arg("values"),
               "The largest magnitude of float32 numbers; infinite or not a number if one of them is; 0 of none.");
    // What only tests ask for.
    py::module_ testing = module.def_submodule("_testing", "Parts of the core that tests look at by themselves.");
    testing.def("philox4x32", &philox, py::arg("counter"), py::arg("key"), "Philox4x32-10 of one counter.");
    testing.def("standard_normals", &standard_normals, py::arg("seed"), py::arg("index"), py::arg("purpose"), py::arg("n_groups"),
                "Normals of one sample and purpose, 64 a group.");
    testing.def("poisson_counts", &poisson_counts, py::arg("mean"), py::arg("seed"), py::arg("count"),
                "Poisson counts, one of each of the first `count` samples.");
}

}  // namespace nanotilt::bindings
