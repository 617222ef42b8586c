// Images of a sample's particle, or their sums along y, as a camera takes them: coverage, background, blur, noise, preprocessing.
#pragma once

#include <cstddef>

#include "dispatch.hpp"
#include "philox.hpp"
#include "recipe.hpp"
#include "stop.hpp"

namespace nanotilt {

/// Doubles of scratch memory that `photograph` needs.
std::size_t camera_scratch_doubles(const Plan& plan);

/// All views of a particle, (n_views, n_pixels, n_pixels) or projected (n_views, n_pixels). Rows run downwards from +y. `noise`:
/// uniform numbers or normals, one for each value, if the camera's noise asks for them. Takes no memory and throws nothing.
void photograph(const Plan& plan, const RingSet& rings, const StreamPosition& at, const float* noise, float* views, double* scratch,
                StopPoints& points);

}  // namespace nanotilt
