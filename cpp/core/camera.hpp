// Images of a sample's particle, or their sums along y, as a camera takes them: coverage, background, blur, noise, preprocessing.
#pragma once

#include <cstddef>

#include "dispatch.hpp"
#include "philox.hpp"
#include "recipe.hpp"

namespace nanotilt {

/// Doubles of scratch memory that `photograph` needs.
std::size_t camera_scratch_doubles(const Plan& plan);

/// All views of a particle, (n_views, n_pixels, n_pixels) or projected (n_views, n_pixels). Rows run downwards from +y. `noise`:
/// uniform numbers or normals, one for each value, if the camera's noise asks for them. Takes no memory and throws nothing.
void photograph(const Plan& plan, const RingSet& rings, const StreamPosition& at, const float* noise, float* views,
                double* scratch);

/// Subtracts from an image the largest value of its outermost pixels, where no particle is, and cuts what is below at 0.
void remove_background(float* image, std::ptrdiff_t n_rows, std::ptrdiff_t n_columns);

/// Rolls an image by whole pixels so that its centre of mass comes as close to its middle, (n - 1) / 2, as that can bring it; what
/// leaves on one side comes in on the other. An image without mass, or with a negative one, stays. `scratch` holds n_rows *
/// n_columns.
void centre_of_mass_roll(float* image, std::ptrdiff_t n_rows, std::ptrdiff_t n_columns, float* scratch);

}  // namespace nanotilt
