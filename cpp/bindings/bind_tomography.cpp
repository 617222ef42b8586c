#include "../core/base/parallel.hpp"
#include "../core/geometry/geometry_kernels.hpp"
#include "../core/geometry/raster.hpp"
#include "../core/program/recipe_limits.hpp"
#include "../core/simd/choose.hpp"
#include "../core/tomography/tomography.hpp"

#include <algorithm>

#include "ring_inputs.hpp"
#include "without_gil.hpp"

namespace nanotilt::bindings {
namespace {

Centre centre_named(bool about_pixel) {
    return about_pixel ? Centre::pixel : Centre::middle;
}

py::array_t<float> sinograms_of(const py::array& images, const py::array& angles_rad, py::ssize_t n_detectors, bool about_pixel,
                                int n_threads) {
    const float* in = image_stack_of(images);
    const ParallelBeam beam{angles_of(angles_rad), angles_rad.shape(0), n_detectors, centre_named(about_pixel)};
    expect_count("n_detectors", n_detectors, 1, detectors_limit);
    expect_result_fits("n_detectors", n_detectors, images.shape(0), beam.n_angles);
    py::array_t<float> out({images.shape(0), beam.n_angles, n_detectors});
    float* out_data = out.mutable_data();
    without_gil(
        [&](const Stop& stop) { radon(in, images.shape(0), images.shape(1), images.shape(2), beam, out_data, n_threads, stop); });
    return out;
}

py::array_t<float> images_of(const py::array& sinograms, const py::array& angles_rad, const py::array& filter,
                             py::ssize_t output_size, double factor, bool circle, bool about_pixel, int n_threads) {
    const float* in = data_of<float>(sinograms, "sinograms", 3);
    const ParallelBeam beam{angles_of(angles_rad), angles_rad.shape(0), sinograms.shape(2), centre_named(about_pixel)};
    const BackProjection wanted{data_of<float>(filter, "filter", 1), output_size, static_cast<float>(factor), circle};
    if (sinograms.shape(1) != beam.n_angles || filter.shape(0) != 2 * beam.n_detectors - 1) {
        throw py::value_error("sinograms need a row for each angle, and a filter of 2 * n_detectors - 1 numbers");
    }
    expect_count("n_detectors of sinograms", beam.n_detectors, 1, detectors_limit);
    expect_count("output_size", output_size, 1, image_side_limit);
    expect_result_fits("output_size", output_size, output_size, sinograms.shape(0));
    py::array_t<float> out({sinograms.shape(0), output_size, output_size});
    float* out_data = out.mutable_data();
    without_gil([&](const Stop& stop) { back_project(in, sinograms.shape(0), beam, wanted, out_data, n_threads, stop); });
    return out;
}

py::array_t<float> image_of(const std::vector<py::array>& rings, const py::array& densities, int n_pixels, double field_of_view,
                            double angle_rad, int samples_per_side) {
    const std::vector<RingInput> inputs = ring_inputs(rings, densities);
    for (const RingInput& ring : inputs) {
        expect_all_within("corners", ring.corners, py::ssize_t{2} * ring.n, std::numeric_limits<float>::max());
    }
    expect_count("n_pixels", n_pixels, 1, image_side_limit);
    expect_within("field_of_view", field_of_view, smallest_field_of_view, static_cast<double>(std::numeric_limits<float>::max()));
    expect_within("angle_rad", angle_rad, -angle_argument_limit, angle_argument_limit);
    expect_count("samples_per_side", samples_per_side, 0, 64);
    py::array_t<float> out({static_cast<py::ssize_t>(n_pixels), static_cast<py::ssize_t>(n_pixels)});
    float* out_data = out.mutable_data();
    without_gil(
        [&](const Stop& stop) { rasterise(inputs, {n_pixels, field_of_view, angle_rad, samples_per_side}, out_data, stop); });
    return out;
}

/// New images (n, rows, columns), each made by change(in, rows, columns, scratch, out, stop).
template <class Change>
py::array_t<float> changed(const py::array& images, int n_threads, const Change& change) {
    const float* in = image_stack_of(images);
    const py::ssize_t rows = images.shape(1);
    const py::ssize_t columns = images.shape(2);
    const py::ssize_t n_images = images.shape(0);
    py::array_t<float> out({n_images, rows, columns});
    float* data = out.mutable_data();
    without_gil([&](const Stop& stop) {
        // Two doubles for each column.
        const auto scratch_floats = static_cast<std::size_t>(4 * columns);
        parallel_for(n_images, 1, n_threads, scratch_floats, stop, [&](std::ptrdiff_t begin, std::ptrdiff_t end, float* scratch) {
            for (std::ptrdiff_t i = begin; i < end; ++i) {
                const std::ptrdiff_t first = i * rows * columns;
                change(in + first, rows, columns, reinterpret_cast<double*>(scratch), data + first, stop);
            }
        });
    });
    return out;
}

py::array_t<float> without_background(const py::array& images, int n_threads) {
    return changed(images, n_threads,
                   [](const float* in, std::ptrdiff_t rows, std::ptrdiff_t columns, double*, float* out, const Stop& stop) {
                       active_kernels().geometry.remove_background(in, rows, columns, out, stop);
                   });
}

py::array_t<float> rolled(const py::array& images, int n_threads) {
    return changed(images, n_threads, active_kernels().geometry.roll_to_middle);
}

}  // namespace

void bind_tomography(py::module_& module) {
    module.def("radon", &sinograms_of, py::arg("images"), py::arg("angles_rad"), py::arg("n_detectors"), py::arg("about_pixel"),
               py::arg("n_threads"), "Line integrals of images: (n_images, n_angles, n_detectors).");
    module.def("back_project", &images_of, py::arg("sinograms"), py::arg("angles_rad"), py::arg("filter"), py::arg("output_size"),
               py::arg("factor"), py::arg("circle"), py::arg("about_pixel"), py::arg("n_threads"),
               "Filters sinograms and smears them back: (n_images, output_size, output_size).");
    module.def("rasterise", &image_of, py::arg("rings"), py::arg("densities"), py::arg("n_pixels"), py::arg("field_of_view"),
               py::arg("angle_rad"), py::arg("samples_per_side"), "Density times covered share of each pixel.");
    module.def("remove_background", &without_background, py::arg("images"), py::arg("n_threads"),
               "Images less the largest value of their outermost pixels, cut at 0.");
    module.def("centre_of_mass_roll", &rolled, py::arg("images"), py::arg("n_threads"),
               "Images rolled by whole pixels so that their centres of mass are in their middles.");
}

}  // namespace nanotilt::bindings
