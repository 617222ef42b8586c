// What is done to images before a network sees them.
#pragma once

#include <cstddef>

#include "stop.hpp"

namespace nanotilt {

/// Subtracts from an image the largest value of its outermost pixels, where no particle is, and cuts what is below at 0.
void remove_background(float* image, std::ptrdiff_t n_rows, std::ptrdiff_t n_columns, StopPoints& points);

/// Rolls an image by whole pixels so that its centre of mass comes as close to its middle, (n - 1) / 2, as that can bring it; what
/// leaves on one side comes in on the other. An image without mass, or with a negative one, stays. `scratch` holds n_rows *
/// n_columns.
void centre_of_mass_roll(float* image, std::ptrdiff_t n_rows, std::ptrdiff_t n_columns, float* scratch, StopPoints& points);

}  // namespace nanotilt
