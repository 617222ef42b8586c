#include "../core/sampler.hpp"

#include <algorithm>

#include "numpy_views.hpp"

namespace nanotilt::bindings {
namespace {

// A call for many samples looks for Ctrl-C some ten times a second (2^23 values take 0.1 s on one core); a thousand samples or so
// are one call into the core.
constexpr py::ssize_t values_between_interrupts = py::ssize_t{1} << 23;

py::tuple sample(const Sampler& sampler, std::uint64_t seed, std::uint64_t start, py::ssize_t count, int n_threads) {
    py::array_t<float> views({count, static_cast<py::ssize_t>(sampler.n_views()), static_cast<py::ssize_t>(sampler.n_bins())});
    py::array_t<std::int32_t> label(count);
    py::array_t<float> angle_rad({count, static_cast<py::ssize_t>(sampler.n_views())});
    float* views_data = views.mutable_data();
    std::int32_t* label_data = label.mutable_data();
    float* angle_data = angle_rad.mutable_data();
    const py::ssize_t n_views = sampler.n_views();
    const py::ssize_t n_values = n_views * sampler.n_bins();
    const py::ssize_t chunk = values_between_interrupts / n_values + 1;
    for (py::ssize_t begin = 0; begin < count; begin += chunk) {
        {
            const py::gil_scoped_release unlocked;
            sampler.sample(seed, start + static_cast<std::uint64_t>(begin), std::min(chunk, count - begin),
                           views_data + begin * n_values, label_data + begin, angle_data + begin * n_views, n_threads);
        }
        if (PyErr_CheckSignals() != 0) {
            throw py::error_already_set();
        }
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
