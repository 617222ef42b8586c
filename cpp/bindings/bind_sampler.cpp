#include "../core/program/sampler.hpp"

#include <memory>

#include "argument_checks.hpp"
#include "without_gil.hpp"

namespace nanotilt::bindings {
namespace {

// Numbers of samples whose bytes can be counted; how many fit into memory, NumPy tells.
constexpr py::ssize_t samples_limit = py::ssize_t{1} << 60;

// Samples are drawn from normals of 6.6 at most. Of ten times that, tilts still have exact sines and cosines.
constexpr float largest_normal = 100.0F;

/// One output of `count` samples, not yet written to.
py::array allocated(const Output& output, py::ssize_t count) {
    expect_count("count", count, 0, samples_limit / static_cast<py::ssize_t>(output.bytes()));
    std::vector<py::ssize_t> shape{count};
    shape.insert(shape.end(), output.shape.begin(), output.shape.end());
    return {py::dtype(name_of(output.dtype)), std::move(shape)};
}

py::tuple sample(const Sampler& sampler, std::uint64_t seed, std::uint64_t start, py::ssize_t count, int n_threads,
                 const std::vector<std::string>& outputs) {
    const SampleSpec& spec = sampler.spec();
    std::vector<void*> pointers(spec.outputs.size(), nullptr);
    py::list arrays;
    for (const std::string& name : outputs) {
        const std::size_t i = spec.index_of(name);
        if (pointers[i] != nullptr) {
            throw py::value_error("outputs must differ. Received twice: " + name);
        }
        py::array array = allocated(spec.outputs[i], count);
        pointers[i] = array.mutable_data();
        arrays.append(std::move(array));
    }
    without_gil([&](const Stop& stop) { sampler.sample(seed, start, count, pointers, n_threads, stop); });
    return py::tuple(std::move(arrays));
}

py::list spec(const Sampler& sampler) {
    py::list outputs;
    for (const Output& output : sampler.spec().outputs) {
        outputs.append(py::make_tuple(output.name, name_of(output.dtype), py::tuple(py::cast(output.shape)), output.unit));
    }
    return outputs;
}

py::list particle(const Sampler& sampler, std::uint64_t seed, std::uint64_t index) {
    std::vector<DensityRing> drawn;
    without_gil([&](const Stop&) { drawn = sampler.particle(seed, index); });
    py::list rings;
    for (const DensityRing& ring : drawn) {
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

py::tuple draws(const Sampler& sampler, std::uint64_t seed, std::uint64_t start, py::ssize_t count) {
    const py::ssize_t n_features = sampler.n_features();
    const py::ssize_t n_views = sampler.n_views();
    expect_count("count", count, 0, samples_limit);
    py::array_t<std::int32_t> label(count);
    py::array_t<float> outline({count, py::ssize_t{3}});
    py::array_t<float> features({count, n_features, py::ssize_t{4}});
    py::array_t<double> placements({count, n_features, py::ssize_t{3}});
    py::array_t<float> views({count, n_views, py::ssize_t{2}});
    const Sampler::Draws out{label.mutable_data(), outline.mutable_data(), features.mutable_data(), placements.mutable_data(),
                             views.mutable_data()};
    without_gil([&](const Stop& stop) { sampler.draws(seed, start, count, out, stop); });
    return py::make_tuple(std::move(label), std::move(outline), std::move(features), std::move(placements), std::move(views));
}

py::array_t<float> redraw(const Sampler& sampler, std::uint64_t seed, std::uint64_t start, int label, const py::array& outline,
                          const py::array& features, const py::array& views, std::uint64_t rough_seed, py::ssize_t n_redraws,
                          int n_threads) {
    const float* outline_data = data_of<float>(outline, "outline", 2);
    const float* features_data = data_of<float>(features, "features", 3);
    const float* views_data = data_of<float>(views, "views", 3);
    const py::ssize_t count = outline.shape(0);
    const py::ssize_t n_views = sampler.n_views();
    if (outline.shape(1) != 3 || features.shape(0) != count || features.shape(1) != sampler.n_features() ||
        features.shape(2) != 4 || views.shape(0) != count || views.shape(1) != n_views || views.shape(2) != 2) {
        throw py::value_error("outline, features and views must have the shapes that draws gives them");
    }
    expect_count("label", label, 0, sampler.n_classes() - 1);
    expect_count("n_redraws", n_redraws, 0, result_limit);
    expect_all_within("outline", outline_data, outline.size(), largest_normal);
    expect_all_within("features", features_data, features.size(), largest_normal);
    expect_all_within("views", views_data, views.size(), largest_normal);
    py::array_t<float> out({count, n_redraws, n_views, static_cast<py::ssize_t>(sampler.n_bins())});
    float* out_data = out.mutable_data();
    without_gil([&](const Stop& stop) {
        sampler.redraw(seed, start, count, label, outline_data, features_data, views_data, rough_seed, n_redraws, out_data,
                       n_threads, stop);
    });
    return out;
}

std::pair<float, float> calibrate(const Sampler& sampler, py::ssize_t count, int n_threads) {
    expect_count("count", count, 1, 1 << 20);
    std::pair<float, float> bounds;
    without_gil([&](const Stop& stop) { bounds = sampler.calibrate(count, n_threads, stop); });
    return bounds;
}

/// A method for samplers that were built: Sampler.__new__ gives one that was not, and only its holder tells.
template <class Result, class... Arguments>
auto of_built(Result (*method)(const Sampler&, Arguments...)) {
    return [method](const std::shared_ptr<Sampler>& sampler, Arguments... arguments) -> Result {
        return method(*sampler, std::forward<Arguments>(arguments)...);
    };
}

}  // namespace

void bind_sampler(py::module_& module) {
    py::class_<Sampler, std::shared_ptr<Sampler>>(module, "Sampler",
                                                  "Draws samples of one packed recipe; any number of threads may share it.")
        .def(py::init([](const py::bytes& packed) {
                 const std::string_view bytes(packed);
                 std::shared_ptr<Sampler> sampler;
                 without_gil([&](const Stop& stop) { sampler = std::make_shared<Sampler>(bytes, stop); });
                 return sampler;
             }),
             py::arg("packed"))
        .def_property_readonly("spec", of_built(&spec), "Each output of a sample: (name, dtype, shape, unit).")
        .def("sample", of_built(&sample), py::arg("seed"), py::arg("start"), py::arg("count"), py::arg("n_threads"),
             py::arg("outputs"), "The outputs of these names, each an array over samples start ... start + count.")
        .def("particle", of_built(&particle), py::arg("seed"), py::arg("index"),
             "Rings of one sample as a list of (corners, density).")
        .def("draws", of_built(&draws), py::arg("seed"), py::arg("start"), py::arg("count"),
             "What samples were drawn from: (label, outline normals, feature normals, placements, view normals).")
        .def("redraw", of_built(&redraw), py::arg("seed"), py::arg("start"), py::arg("label"), py::arg("outline"),
             py::arg("features"), py::arg("views"), py::arg("rough_seed"), py::arg("n_redraws"), py::arg("n_threads"),
             "Views of samples as if they were of one class, each n_redraws times with other roughness.")
        .def("calibrate", of_built(&calibrate), py::arg("count"), py::arg("n_threads"),
             "Smallest and largest value over the calibration stream; NaN if any value is not finite.");
}

}  // namespace nanotilt::bindings
