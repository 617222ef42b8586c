// nanotilt._core._testing: parts of the core that tests look at by themselves and nothing else asks for.
#include "../core/instruments/counting.hpp"
#include "../core/program/sample_kernels.hpp"
#include "../core/simd/choose.hpp"
#include "argument_checks.hpp"
#include "numpy_views.hpp"
#include "without_gil.hpp"

namespace nanotilt::bindings {
namespace {

py::tuple philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
    const PhiloxWords words = philox4x32({{counter[0], counter[1], counter[2], counter[3]}}, {key[0], key[1]});
    return py::make_tuple(words.w[0], words.w[1], words.w[2], words.w[3]);
}

py::array_t<float> standard_normals(std::uint64_t seed, std::uint64_t index, std::uint32_t purpose, py::ssize_t n_groups) {
    expect_count("n_groups", n_groups, 0, 1 << 20);
    py::array_t<float> out(n_groups * normals_per_group);
    float* data = out.mutable_data();
    without_gil([&](const Stop&) {
        active_kernels().samples.normals({philox_key(seed), 0, index}, static_cast<Purpose>(purpose), n_groups, data);
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

void bind_testing(py::module_& module) {
    py::module_ testing = module.def_submodule("_testing", "What only tests ask of the core: its random numbers by themselves.");
    testing.def("philox4x32", &philox, py::arg("counter"), py::arg("key"), "Philox4x32-10 of one counter.");
    testing.def("standard_normals", &standard_normals, py::arg("seed"), py::arg("index"), py::arg("purpose"), py::arg("n_groups"),
                "Normals of one sample and purpose, 64 a group.");
    testing.def("poisson_counts", &poisson_counts, py::arg("mean"), py::arg("seed"), py::arg("count"),
                "Poisson counts, one of each of the first `count` samples.");
}

}  // namespace nanotilt::bindings
