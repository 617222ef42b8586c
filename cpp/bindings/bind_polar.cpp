#include <memory>

#include "../core/base/parallel.hpp"
#include "../core/polar/bessel.hpp"
#include "../core/polar/cell_disc.hpp"
#include "../core/polar/fourier_bessel.hpp"
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

std::unique_ptr<DiscPlan> disc_plan(py::ssize_t rows, py::ssize_t columns, double x, double y, double radius, int n_max,
                                    int n_orders, bool even, bool friedel, const py::array& mask) {
    expect_count("rows", rows, 1, image_side_limit);
    expect_count("columns", columns, 1, image_side_limit);
    expect_within("x", x, -distance_limit, distance_limit);
    expect_within("y", y, -distance_limit, distance_limit);
    expect_within("radius", radius, 1e-3, distance_limit);
    expect_count("n_max", n_max, 1, 256);
    expect_count("n_orders", n_orders, 1, 129);
    const std::uint8_t* seen = data_of<std::uint8_t>(mask, "mask", 2);
    if (mask.size() == 0) {
        seen = nullptr;
    } else if (mask.shape(0) != rows || mask.shape(1) != columns) {
        throw py::value_error("mask must have shape (rows, columns), or be empty");
    }
    std::unique_ptr<DiscPlan> plan;
    const DiscWanted wanted{{rows, columns}, {x, y}, radius, n_max, n_orders, even ? 2 : 1, friedel && even};
    without_gil([&](const Stop& stop) { plan = std::make_unique<DiscPlan>(wanted, seen, stop); });
    return plan;
}

py::array_t<float> coefficients_of(const DiscPlan& plan, const py::array& images, int n_threads) {
    const float* in = image_stack_of(images);
    const DiscWanted& wanted = plan.wanted();
    if (images.shape(1) != wanted.shape.rows || images.shape(2) != wanted.shape.columns) {
        throw py::value_error("images must have the shape that the plan was made for");
    }
    const py::ssize_t n_images = images.shape(0);
    const py::ssize_t size = py::ssize_t{2} * wanted.n_max * wanted.n_orders;
    expect_result_fits("number of images", n_images, size);
    py::array_t<float> out({n_images, py::ssize_t{wanted.n_max}, py::ssize_t{wanted.n_orders}, py::ssize_t{2}});
    float* data = out.mutable_data();
    const py::ssize_t n_pixels = images.shape(1) * images.shape(2);
    without_gil([&](const Stop& stop) {
        parallel_for(
            n_images, 1, n_threads, [&](Arena& arena) { return plan.take_scratch(arena); }, stop,
            [&](std::ptrdiff_t begin, std::ptrdiff_t end, const DiscScratch& scratch) {
                for (std::ptrdiff_t i = begin; i < end && !stop.wanted(); ++i) {
                    plan.transform(in + i * n_pixels, scratch, data + i * size, stop);
                }
            });
    });
    return out;
}

/// Sums of one image over shells: (n_orders, 2, n_shells, shell_terms).
py::array_t<float> shell_sums_of(const DiscPlan& plan, const py::array& image) {
    const float* in = data_of<float>(image, "image", 2);
    const DiscWanted& wanted = plan.wanted();
    if (image.shape(0) != wanted.shape.rows || image.shape(1) != wanted.shape.columns) {
        throw py::value_error("image must have the shape that the plan was made for");
    }
    py::array_t<float> out(
        {py::ssize_t{wanted.n_orders}, py::ssize_t{2}, static_cast<py::ssize_t>(plan.n_shells()), py::ssize_t{shell_terms}});
    float* data = out.mutable_data();
    const py::ssize_t size = out.size();
    without_gil([&](const Stop& stop) {
        parallel_for(
            1, 1, 1, [&](Arena& arena) { return plan.take_scratch(arena); }, stop,
            [&](std::ptrdiff_t, std::ptrdiff_t, const DiscScratch& scratch) {
                plan.sum_shells(in, scratch, stop);
                std::copy_n(scratch.sums, size, data);
            });
    });
    return out;
}

py::array_t<float> images_of(const DiscPlan& plan, const py::array& coefficients, int n_threads) {
    const float* in = data_of<float>(coefficients, "coefficients", 4);
    const DiscWanted& wanted = plan.wanted();
    if (coefficients.shape(1) != wanted.n_max || coefficients.shape(2) != wanted.n_orders || coefficients.shape(3) != 2) {
        throw py::value_error("coefficients must have shape (n, n_max, n_orders, 2)");
    }
    const py::ssize_t n_images = coefficients.shape(0);
    expect_result_fits("number of images", n_images, wanted.shape.rows, wanted.shape.columns);
    py::array_t<float> out({n_images, static_cast<py::ssize_t>(wanted.shape.rows), static_cast<py::ssize_t>(wanted.shape.columns)});
    float* data = out.mutable_data();
    const py::ssize_t size = py::ssize_t{2} * wanted.n_max * wanted.n_orders;
    const py::ssize_t n_pixels = wanted.shape.rows * wanted.shape.columns;
    without_gil([&](const Stop& stop) {
        parallel_for(
            n_images, 1, n_threads, [&](Arena& arena) { return plan.take_scratch(arena); }, stop,
            [&](std::ptrdiff_t begin, std::ptrdiff_t end, const DiscScratch& scratch) {
                for (std::ptrdiff_t i = begin; i < end && !stop.wanted(); ++i) {
                    plan.draw(in + i * size, scratch, data + i * n_pixels, stop);
                }
            });
    });
    return out;
}

std::unique_ptr<CellDisc> cell_disc(py::ssize_t n_rings, py::ssize_t n_angles, bool half_turn, int n_max, int n_orders, bool even) {
    expect_count("n_rings", n_rings, 1, image_side_limit);
    expect_count("n_angles", n_angles, 1, image_side_limit);
    expect_count("n_max", n_max, 1, 256);
    expect_count("n_orders", n_orders, 1, 65);
    const CellDiscWanted wanted{
        static_cast<int>(n_rings), static_cast<int>(n_angles), half_turn && even, n_max, n_orders, even ? 2 : 1};
    std::unique_ptr<CellDisc> disc;
    without_gil([&](const Stop& stop) { disc = std::make_unique<CellDisc>(wanted, stop); });
    return disc;
}

py::array_t<float> coefficients_of_cells(const CellDisc& disc, const py::array& cells, const py::array& n_pixels, double radius,
                                         int n_threads) {
    const float* in = data_of<float>(cells, "cells", 3);
    const std::int32_t* counts = data_of<std::int32_t>(n_pixels, "n_pixels", 3);
    const CellDiscWanted& wanted = disc.wanted();
    for (const py::array* array : {&cells, &n_pixels}) {
        if (array->shape(1) != wanted.n_rings || array->shape(2) != wanted.n_angles || array->shape(0) != cells.shape(0)) {
            throw py::value_error("cells and n_pixels must have shape (n, n_rings, n_angles)");
        }
    }
    expect_within("radius", radius, 1e-3, distance_limit);
    const py::ssize_t n_images = cells.shape(0);
    const py::ssize_t size = py::ssize_t{2} * wanted.n_max * wanted.n_orders;
    expect_result_fits("number of images", n_images, size);
    py::array_t<float> out({n_images, py::ssize_t{wanted.n_max}, py::ssize_t{wanted.n_orders}, py::ssize_t{2}});
    float* data = out.mutable_data();
    without_gil([&](const Stop& stop) {
        parallel_for(
            n_images, 1, n_threads, [&](Arena& arena) { return disc.take_scratch(arena); }, stop,
            [&](std::ptrdiff_t begin, std::ptrdiff_t end, const CellDiscScratch& scratch) {
                for (std::ptrdiff_t i = begin; i < end && !stop.wanted(); ++i) {
                    const std::ptrdiff_t first = i * disc.n_cells();
                    disc.transform(in + first, counts + first, radius, radius, scratch, data + i * size, stop);
                }
            });
    });
    return out;
}

py::array_t<double> zeros_of_bessel(int m_max, int n) {
    expect_count("m_max", m_max, 0, 128);
    expect_count("n", n, 1, 512);
    const std::vector<double> zeros = bessel_zeros(m_max, n);
    py::array_t<double> out({m_max + 1, n});
    std::copy(zeros.begin(), zeros.end(), out.mutable_data());
    return out;
}

py::array_t<double> values_of_bessel(double x, int m_max) {
    expect_within("x", x, 0.0, 1e4);
    expect_count("m_max", m_max, 0, 128);
    py::array_t<double> out(m_max + 1);
    bessel_j(x, m_max, out.mutable_data());
    return out;
}

}  // namespace

void bind_polar(py::module_& module) {
    module.def("polar_means", &polar_means, py::arg("images"), py::arg("centres"), py::arg("masks"), py::arg("n_radii"),
               py::arg("n_angles"), py::arg("inner"), py::arg("outer"), py::arg("logarithmic"), py::arg("half_turn"),
               py::arg("n_threads"), "Means of images over polar cells, and the numbers of their pixels.");
    py::class_<DiscPlan>(module, "DiscPlan", "The geometry of Fourier-Bessel coefficients on a disc.")
        .def(py::init(&disc_plan), py::arg("rows"), py::arg("columns"), py::arg("x"), py::arg("y"), py::arg("radius"),
             py::arg("n_max"), py::arg("n_orders"), py::arg("even"), py::arg("friedel"), py::arg("mask"))
        .def_property_readonly("n_seen", &DiscPlan::n_seen)
        .def("shell_sums", &shell_sums_of, py::arg("image"))
        .def("transform", &coefficients_of, py::arg("images"), py::arg("n_threads"))
        .def("draw", &images_of, py::arg("coefficients"), py::arg("n_threads"));
    py::class_<CellDisc>(module, "CellDisc", "Fourier-Bessel coefficients of means over polar cells.")
        .def(py::init(&cell_disc), py::arg("n_rings"), py::arg("n_angles"), py::arg("half_turn"), py::arg("n_max"),
             py::arg("n_orders"), py::arg("even"))
        .def("transform", &coefficients_of_cells, py::arg("cells"), py::arg("n_pixels"), py::arg("radius"), py::arg("n_threads"));
    module.def("bessel_zeros", &zeros_of_bessel, py::arg("m_max"), py::arg("n"), "Zeros of J_0 ... J_m_max: (m_max + 1, n).");
    module.def("bessel_j", &values_of_bessel, py::arg("x"), py::arg("m_max"), "J_0(x) ... J_m_max(x).");
}

}  // namespace nanotilt::bindings
