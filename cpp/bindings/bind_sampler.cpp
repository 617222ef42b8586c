#include "../core/sampler.hpp"

#include "numpy_views.hpp"

namespace nanotilt::bindings {
namespace {

py::tuple sample(const Sampler& sampler, std::uint64_t seed, std::uint64_t start, py::ssize_t count, int n_threads) {
    py::array_t<float> views({count, static_cast<py::ssize_t>(sampler.n_views()), static_cast<py::ssize_t>(sampler.n_bins())});
    py::array_t<std::int32_t> label(count);
    py::array_t<float> angle_rad({count, static_cast<py::ssize_t>(sampler.n_views())});
    float* views_data = views.mutable_data();
    std::int32_t* label_data = label.mutable_data();
    float* angle_data = angle_rad.mutable_data();
    {
        const py::gil_scoped_release unlocked;
        sampler.sample(seed, start, count, views_data, label_data, angle_data, n_threads);
    }
    return py::make_tuple(std::move(views), std::move(label), std::move(angle_rad));
}

py::list particle(const Sampler& sampler, std::uint64_t seed, std::uint64_t index) {
    py::list rings;
    for (const DensityRing& ring : sampler.particle(seed, index)) {
        const auto n = static_cast<py::ssize_t>(ring.x.size());
        py::array_t<float> corners({n, py::ssize_t{2}});
        float* out = corners.mutable_data();
        for (std::size_t i = 0; i < ring.x.size(); ++i) {
            out[2 * i] = ring.x[i];
            out[2 * i + 1] = ring.y[i];
        }
        rings.append(py::make_tuple(std::move(corners), ring.density));
    }
    return rings;
}

std::pair<float, float> calibrate(const Sampler& sampler, py::ssize_t count, int n_threads) {
    const py::gil_scoped_release unlocked;
    return sampler.calibrate(count, n_threads);
}

}  // namespace

void bind_sampler(py::module_& module) {
    py::class_<Sampler>(module, "Sampler", "Draws samples of one packed recipe; any number of threads may share it.")
        .def(py::init([](const py::bytes& packed) { return std::make_unique<Sampler>(std::string_view(packed)); }),
             py::arg("packed"))
        .def_property_readonly("n_views", &Sampler::n_views)
        .def_property_readonly("n_bins", &Sampler::n_bins)
        .def("sample", &sample, py::arg("seed"), py::arg("start"), py::arg("count"), py::arg("n_threads"),
             "Samples start ... start + count as (views, label, angle_rad).")
        .def("particle", &particle, py::arg("seed"), py::arg("index"), "Rings of one sample as a list of (corners, density).")
        .def("calibrate", &calibrate, py::arg("count"), py::arg("n_threads"),
             "Smallest and largest value over the calibration stream.");
}

}  // namespace nanotilt::bindings
