#include "../core/inference/template_likelihood.hpp"

#include <cmath>

#include "argument_checks.hpp"
#include "without_gil.hpp"

namespace nanotilt::bindings {
namespace {

void refuse_shape(const char* field, const char* wanted) {
    throw py::value_error(std::string(field) + " must have shape " + wanted);
}

void add(const py::array& samples, const py::array& templates, float narrowness, py::array smallest, py::array sums,
         int n_threads) {
    const float* sample_data = data_of<float>(samples, "samples", 2);
    const float* template_data = data_of<float>(templates, "templates", 2);
    float* smallest_data = writable_data_of<float>(smallest, "smallest", 1);
    double* sums_data = writable_data_of<double>(sums, "sums", 2);
    const py::ssize_t n_samples = samples.shape(0);
    const py::ssize_t n_values = samples.shape(1);
    const py::ssize_t n_templates = templates.shape(0);
    expect_count("n_values of samples", n_values, 1, 1 << 25);
    if (templates.shape(1) != n_values) {
        refuse_shape("templates", "(n_templates, n_values) with the samples' n_values");
    }
    if (smallest.shape(0) != n_samples) {
        refuse_shape("smallest", "(n_samples,)");
    }
    if (sums.shape(0) != n_samples || sums.shape(1) < 1 || sums.shape(1) > most_template_widths) {
        refuse_shape("sums", "(n_samples, n_widths) with n_widths in [1, 8]");
    }
    if (!(narrowness > 0.0F) || !std::isfinite(narrowness)) {
        throw py::value_error("narrowness must be > 0 and finite. Received: narrowness=" + std::to_string(narrowness));
    }
    const TemplateSums totals{smallest_data, sums_data, static_cast<int>(sums.shape(1)), narrowness};
    without_gil([&](const Stop& stop) {
        add_templates(sample_data, n_samples, template_data, n_templates, n_values, totals, n_threads, stop);
    });
}

}  // namespace

void bind_template_likelihood(py::module_& module) {
    module.def("add_templates", &add, py::arg("samples"), py::arg("templates"), py::arg("narrowness"), py::arg("smallest"),
               py::arg("sums"), py::arg("n_threads"),
               "Adds whitened templates to the running sums of exponentials of whitened samples, in place.");
}

}  // namespace nanotilt::bindings
