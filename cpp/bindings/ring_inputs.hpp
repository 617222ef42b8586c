// Rings from Python, as the core takes them.
#pragma once

#include <vector>

#include "../core/geometry/projection.hpp"
#include "argument_checks.hpp"

namespace nanotilt::bindings {

/// Most corners of all rings of a call.
inline constexpr py::ssize_t ring_corners_limit = py::ssize_t{1} << 24;

/// Corners (n, 2) of each ring, n >= 3, and its density. The arrays must outlive the result.
inline std::vector<RingInput> ring_inputs(const std::vector<py::array>& rings, const py::array& densities) {
    const float* density = data_of<float>(densities, "densities", 1);
    if (densities.shape(0) != static_cast<py::ssize_t>(rings.size())) {
        throw py::value_error("densities must have one entry per ring. Received: " + std::to_string(densities.shape(0)) +
                              " densities of " + std::to_string(rings.size()) + " rings");
    }
    std::vector<RingInput> inputs;
    py::ssize_t n_corners = 0;
    for (std::size_t i = 0; i < rings.size(); ++i) {
        data_of<float>(rings[i], "ring", 2);
        if (rings[i].shape(0) < 3 || rings[i].shape(1) != 2) {
            throw py::value_error("a ring must have shape (n, 2) with n >= 3");
        }
        n_corners += std::min(rings[i].shape(0), ring_corners_limit + 1);
        expect_count("the number of all rings' corners", n_corners, 0, ring_corners_limit);
        if (i % 65536 == 65535 && PyErr_CheckSignals() != 0) {
            throw py::error_already_set();
        }
        inputs.push_back({data_of<float>(rings[i], "ring", 2), static_cast<int>(rings[i].shape(0)), density[i]});
    }
    return inputs;
}

}  // namespace nanotilt::bindings
