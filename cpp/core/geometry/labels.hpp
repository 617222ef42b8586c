// What follows from a mask of numbered instances, 0 where there is none: borders, distances, rays; and maps of middles.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../base/stop.hpp"

namespace nanotilt {

/// 1 where a pixel of an instance has a neighbour, of four, that is of none or of another; the image's edge is no border.
void mark_boundary(const std::int32_t* instance, std::ptrdiff_t n, std::ptrdiff_t pitch, std::uint8_t* out);

/// Distance from the middle of each pixel of an instance to the nearest pixel's that is not of it, exact; 0 outside, and the
/// image's diagonal where all pixels are of it. `heights` holds n * n.
void measure_distance(const std::int32_t* instance, std::ptrdiff_t n, std::ptrdiff_t pitch, std::int32_t* heights, float* out,
                      StopPoints& points);

/// For every second pixel of every second row, how far it is along 32 directions to the first pixel that is not of its instance,
/// in steps of one pixel; up to the image's edge; 0 outside. out: (n / 2, n / 2, 32). As in Schmidt et al. 2018 (StarDist).
void measure_rays(const std::int32_t* instance, std::ptrdiff_t n, std::ptrdiff_t pitch, float* out, StopPoints& points);

/// Raises a map to exp(-d^2 / (2 s^2)) about a middle, s = max(1, radius / 4), as far as 4 s.
void raise_centre(float x, float y, float radius, std::ptrdiff_t n, float* out);

}  // namespace nanotilt
