#include "../core/polar/polar_cells.hpp"
#include "argument_checks.hpp"
#include "without_gil.hpp"

namespace nanotilt::bindings {
namespace {

/// Distances in pixels that stay exact to a billionth.
constexpr double distance_limit = 1e6;

/// Masks (1 or n_images, rows, columns) of the images' pixels, or no mask at all.
const std::uint8_t* masks_of(const py::array& masks, const py::array& images) {
    const std::uint8_t* data = data_of<std::uint8_t>(masks, "masks", 3);
    if (masks.shape(0) == 0) {
        return nullptr;
    }
    if (masks.shape(1) != images.shape(1) || masks.shape(2) != images.shape(2) ||
        (masks.shape(0) != 1 && masks.shape(0) != images.shape(0))) {
        throw py::value_error("masks must be one for all images or one for each, of their shape");
    }
    return data;
}

py::tuple polar_means(const py::array& images, const py::array& centres, const py::array& masks, py::ssize_t n_radii,
                      py::ssize_t n_angles, double inner, double outer, bool logarithmic, bool half_turn, int n_threads) {
    const float* in = image_stack_of(images);
    const double* at = data_of<double>(centres, "centres", 2);
    const py::ssize_t n_images = images.shape(0);
    if (centres.shape(1) != 2 || (centres.shape(0) != 1 && centres.shape(0) != n_images)) {
        throw py::value_error("centres must be one (x, y) for all images or one for each");
    }
    expect_all_within("centres", at, centres.size(), distance_limit);
    const std::uint8_t* seen = masks_of(masks, images);
    expect_count("n_radii", n_radii, 1, image_side_limit);
    expect_count("n_angles", n_angles, 1, image_side_limit);
    expect_within("inner", inner, logarithmic ? 1e-6 : 0.0, distance_limit);
    expect_within("outer", outer, inner, 4.0 * distance_limit);
    if (!(outer - inner >= 1e-6 * outer)) {
        refuse_value("outer", "> inner by a millionth", outer);
    }
    expect_result_fits("n_radii", n_radii, n_angles, n_images);
    const bool own_centres = centres.shape(0) != 1;
    const bool own_masks = seen != nullptr && masks.shape(0) != 1;
    py::array_t<float> means({n_images, n_radii, n_angles});
    py::array_t<std::int32_t> counts({own_centres || own_masks ? n_images : py::ssize_t{1}, n_radii, n_angles});
    float* means_data = means.mutable_data();
    std::int32_t* counts_data = counts.mutable_data();
    const PolarStack stack{in, n_images, {images.shape(1), images.shape(2)}, at, own_centres, seen, own_masks};
    const PolarGrid grid{n_radii, n_angles, inner, outer, logarithmic, half_turn};
    without_gil([&](const Stop& stop) { bin_images(stack, grid, means_data, counts_data, n_threads, stop); });
    return py::make_tuple(means, counts);
}

}  // namespace

void bind_polar(py::module_& module) {
    module.def("polar_means", &polar_means, py::arg("images"), py::arg("centres"), py::arg("masks"), py::arg("n_radii"),
               py::arg("n_angles"), py::arg("inner"), py::arg("outer"), py::arg("logarithmic"), py::arg("half_turn"),
               py::arg("n_threads"), "Means of images over polar cells, and the numbers of their pixels.");
}

}  // namespace nanotilt::bindings
