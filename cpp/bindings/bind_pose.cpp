#include "../core/inference/matrix_product.hpp"
#include "../core/inference/projection_matching.hpp"

#include <algorithm>
#include <cmath>

#include "argument_checks.hpp"
#include "without_gil.hpp"

namespace nanotilt::bindings {
namespace {

void refuse_shape(const char* field, const char* wanted) {
    throw py::value_error(std::string(field) + " must have shape " + wanted);
}

// Most bins of a projection, and pixels on a side of the image.
constexpr py::ssize_t side_limit = 1 << 12;

constexpr py::ssize_t rounds_limit = 10'000;

/// Each start holds projections at all angles, up to three times.
void expect_templates_fit(py::ssize_t n_angles, const ProjectionPairs& pairs) {
    expect_count("n_angles", n_angles, 1, (py::ssize_t{1} << 25) / pairs.geometry.n_bins);
}

/// Pairs with all that belongs to them, checked.
ProjectionPairs pairs_of(const py::array& values, double stereo_rad, int symmetry, double axis_bin, const py::array& support,
                         const py::array& filter, double pixel) {
    const float* data = data_of<float>(values, "pairs", 3);
    const py::ssize_t n_bins = values.shape(2);
    const float* mask = data_of<float>(support, "support", 2);
    const float* weights = data_of<float>(filter, "filter", 1);
    if (values.shape(1) != 2 || n_bins < 1) {
        refuse_shape("pairs", "(n, 2, n_bins)");
    }
    if (support.shape(0) != support.shape(1)) {
        refuse_shape("support", "(n_pixels, n_pixels)");
    }
    if (filter.shape(0) != 2 * n_bins - 1) {
        refuse_shape("filter", "(2 * n_bins - 1,)");
    }
    if (symmetry < 1) {
        throw py::value_error("symmetry must be >= 1. Received: symmetry=" + std::to_string(symmetry));
    }
    if (!std::isfinite(stereo_rad) || !std::isfinite(axis_bin) || !(pixel > 0.0)) {
        throw py::value_error("stereo_rad and axis_bin must be finite, pixel > 0");
    }
    expect_count("n_pairs", values.shape(0), 1, 1 << 24);
    expect_count("n_bins", n_bins, 1, side_limit);
    expect_count("n_pixels", support.shape(0), 1, side_limit);
    expect_count("symmetry", symmetry, 1, 1024);
    expect_within("stereo_rad", stereo_rad, -angle_argument_limit, angle_argument_limit);
    expect_within("pixel", pixel, 1e-6, 1e6);
    return {data, values.shape(0), {support.shape(0), pixel, n_bins, axis_bin}, stereo_rad, symmetry, mask, weights};
}

float* images_of(py::array& images, const ProjectionPairs& pairs) {
    float* data = writable_data_of<float>(images, "images", 3);
    if (images.shape(1) != pairs.geometry.n_pixels || images.shape(2) != pairs.geometry.n_pixels) {
        refuse_shape("images", "(n_starts, n_pixels, n_pixels), as support");
    }
    return data;
}

py::tuple anneal(const py::array& pairs, double stereo_rad, int symmetry, double axis_bin, const py::array& support,
                 const py::array& filter, double pixel, py::array images, py::ssize_t n_angles, const py::array& sigma,
                 float relaxation, float momentum, int n_threads) {
    const ProjectionPairs problem = pairs_of(pairs, stereo_rad, symmetry, axis_bin, support, filter, pixel);
    const Annealing annealing{n_angles, data_of<float>(sigma, "sigma", 1), sigma.shape(0), relaxation, momentum};
    float* image_data = images_of(images, problem);
    if (n_angles < 1 || annealing.n_rounds < 1) {
        throw py::value_error("n_angles and the length of sigma must be >= 1");
    }
    expect_templates_fit(n_angles, problem);
    expect_count("the length of sigma", annealing.n_rounds, 1, rounds_limit);
    const py::ssize_t n_starts = images.shape(0);
    py::array_t<double> cost(n_starts);
    py::array_t<double> angle_rad({n_starts, problem.n_pairs});
    double* cost_data = cost.mutable_data();
    double* angle_data = angle_rad.mutable_data();
    without_gil(
        [&](const Stop& stop) { anneal_starts(problem, annealing, n_starts, image_data, cost_data, angle_data, n_threads, stop); });
    return py::make_tuple(cost, angle_rad);
}

py::array_t<double> refine(const py::array& pairs, double stereo_rad, int symmetry, double axis_bin, const py::array& support,
                           const py::array& filter, double pixel, py::array images, py::array angle_rad, py::ssize_t n_angles,
                           py::ssize_t window, py::ssize_t n_rounds, py::ssize_t n_updates, float relaxation, float momentum,
                           int n_threads) {
    const ProjectionPairs problem = pairs_of(pairs, stereo_rad, symmetry, axis_bin, support, filter, pixel);
    float* image_data = images_of(images, problem);
    double* angle_data = writable_data_of<double>(angle_rad, "angle_rad", 2);
    if (angle_rad.shape(0) != images.shape(0) || angle_rad.shape(1) != problem.n_pairs) {
        refuse_shape("angle_rad", "(n_starts, n_pairs)");
    }
    if (!std::all_of(angle_data, angle_data + angle_rad.size(), [](double a) { return std::fabs(a) < 1e6; })) {
        throw py::value_error("angle_rad must be within 1e6");
    }
    if (n_angles < 3 || n_rounds < 1 || n_updates < 0 || window < -1) {
        throw py::value_error("n_angles must be >= 3, n_rounds >= 1, n_updates >= 0 and window >= -1");
    }
    expect_templates_fit(n_angles, problem);
    expect_count("n_rounds", n_rounds, 1, rounds_limit);
    expect_count("n_updates", n_updates, 0, rounds_limit);
    const Refinement refinement{n_angles, window, n_rounds, n_updates, relaxation, momentum};
    const py::ssize_t n_starts = images.shape(0);
    py::array_t<double> cost(n_starts);
    double* cost_data = cost.mutable_data();
    without_gil([&](const Stop& stop) {
        refine_starts(problem, refinement, n_starts, image_data, cost_data, angle_data, n_threads, stop);
    });
    return cost;
}

py::array_t<double> product(const py::array& a, const py::array& b, int n_threads) {
    const double* left = data_of<double>(a, "a", 2);
    const double* right = data_of<double>(b, "b", 2);
    if (a.shape(1) != b.shape(0)) {
        refuse_shape("b", "(n_inner, n_columns), a (n_rows, n_inner)");
    }
    py::array_t<double> made({a.shape(0), b.shape(1)});
    double* out = made.mutable_data();
    without_gil([&](const Stop& stop) { matrix_product(left, right, a.shape(0), a.shape(1), b.shape(1), out, n_threads, stop); });
    return made;
}

}  // namespace

void bind_pose(py::module_& module) {
    module.def("anneal_starts", &anneal, py::arg("pairs"), py::arg("stereo_rad"), py::arg("symmetry"), py::arg("axis_bin"),
               py::arg("support"), py::arg("filter"), py::arg("pixel"), py::arg("images"), py::arg("n_angles"), py::arg("sigma"),
               py::arg("relaxation"), py::arg("momentum"), py::arg("n_threads"),
               "Projection matching on a grid of angles, images in place: cost (n_starts,), angle_rad (n_starts, n_pairs).");
    module.def("refine_starts", &refine, py::arg("pairs"), py::arg("stereo_rad"), py::arg("symmetry"), py::arg("axis_bin"),
               py::arg("support"), py::arg("filter"), py::arg("pixel"), py::arg("images"), py::arg("angle_rad"),
               py::arg("n_angles"), py::arg("window"), py::arg("n_rounds"), py::arg("n_updates"), py::arg("relaxation"),
               py::arg("momentum"), py::arg("n_threads"), "Images and angles polished together, in place: cost (n_starts,).");
    module.def("matrix_product", &product, py::arg("a"), py::arg("b"), py::arg("n_threads"),
               "a (n_rows, n_inner) times b (n_inner, n_columns), float64: the same bits for any threads and SIMD level.");
}

}  // namespace nanotilt::bindings
