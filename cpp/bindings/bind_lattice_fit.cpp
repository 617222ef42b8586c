#include "../core/inference/lattice_fit.hpp"

#include <algorithm>
#include <vector>

#include "argument_checks.hpp"
#include "without_gil.hpp"

namespace nanotilt::bindings {
namespace {

py::tuple fit(const py::array& images, double constant, double blob, py::ssize_t margin, const py::array& atoms, double probe,
              double site_margin, int n_threads) {
    const float* data = image_stack_of(images);
    const py::ssize_t n_images = images.shape(0);
    const py::ssize_t n_rows = images.shape(1);
    const py::ssize_t n_columns = images.shape(2);
    const double* table = data_of<double>(atoms, "atoms", 2);
    expect_count("rows of images", n_rows, 16, 512);
    expect_count("columns of images", n_columns, 16, 512);
    expect_within("constant", constant, 4.5, 200.0);
    expect_within("blob", blob, 0.3, 64.0);
    expect_within("probe", probe, 0.3, 64.0);
    expect_within("site_margin", site_margin, 0.0, 512.0);
    expect_count("margin", margin, 0, (std::min(n_rows, n_columns) - 1) / 2);
    expect_count("columns of atoms", atoms.shape(1), 3, 3);
    expect_count("rows of atoms", atoms.shape(0), 0, 4096);
    expect_all_within("atoms", table, atoms.size(), 1e4);
    if (std::any_of(data, data + images.size(), [](float count) { return !(count >= 0.0F && count <= 1e9F); })) {
        throw py::value_error("images must hold counts in [0, 1e9]");
    }
    std::vector<TemplateAtom> list;
    for (py::ssize_t i = 0; i < atoms.shape(0); ++i) {
        list.push_back({table[3 * i], table[3 * i + 1], table[3 * i + 2]});
    }
    const LatticeFitPlan plan{n_rows, n_columns, constant, blob, margin, list.data(), atoms.shape(0), probe, site_margin};
    py::array_t<double> figures({n_images, static_cast<py::ssize_t>(lattice_figures)});
    py::array_t<float> residuals({n_images, n_rows, n_columns});
    auto* figure_data = reinterpret_cast<LatticeFigures*>(figures.mutable_data());
    float* residual_data = residuals.mutable_data();
    without_gil([&](const Stop& stop) { fit_lattices(plan, data, n_images, figure_data, residual_data, n_threads, stop); });
    return py::make_tuple(figures, residuals);
}

}  // namespace

void bind_lattice_fit(py::module_& module) {
    module.def("fit_lattices", &fit, py::arg("images"), py::arg("constant"), py::arg("blob"), py::arg("margin"), py::arg("atoms"),
               py::arg("probe"), py::arg("site_margin"), py::arg("n_threads"),
               "A perfect lattice and a smooth field fitted to images of counts: figures (n, 18), residuals as images.");
}

}  // namespace nanotilt::bindings
