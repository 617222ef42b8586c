// Rings from Python, as the core takes them.
#pragma once

#include <vector>

#include "../core/projection.hpp"
#include "numpy_views.hpp"

namespace nanotilt::bindings {

/// Corners (n, 2) of each ring, and its density. The arrays must outlive the result.
inline std::vector<RingInput> ring_inputs(const std::vector<py::array>& rings, const py::array& densities) {
    const float* density = data_of<float>(densities, "densities", 1);
    std::vector<RingInput> inputs;
    for (std::size_t i = 0; i < rings.size(); ++i) {
        inputs.push_back({data_of<float>(rings[i], "ring", 2), static_cast<int>(rings[i].shape(0)), density[i]});
    }
    return inputs;
}

}  // namespace nanotilt::bindings
