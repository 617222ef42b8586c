// What follows from an image of numbered instances, 0 where there is none: borders, distances, rays, boxes; and maps of middles.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../base/stop.hpp"

namespace nanotilt {

/// Which instance each pixel is of: rows of `columns` pixels, whose first ones are `pitch` apart.
struct InstanceMap {
    const std::int32_t* pixels;
    std::ptrdiff_t rows;
    std::ptrdiff_t columns;
    std::ptrdiff_t pitch;

    [[nodiscard]] const std::int32_t* row(std::ptrdiff_t i) const { return pixels + i * pitch; }
};

/// 1 where a pixel of an instance has a neighbour, of four, that is of none or of another; the image's edge is no border.
void mark_boundary(const InstanceMap& map, std::uint8_t* out);

/// Distance from the middle of each pixel of an instance to the nearest pixel's that is not of it, exact; 0 outside, and the
/// image's diagonal where all pixels are of it. `heights` holds rows * columns, `places` 2 * columns.
void measure_distance(const InstanceMap& map, std::int32_t* heights, std::int32_t* places, float* out, StopPoints& points);

/// For every second pixel of every second row, how far it is along 32 directions to the first pixel that is not of its instance,
/// in steps of one pixel; up to the image's edge; 0 outside. out: (rows / 2, columns / 2, 32). As in Schmidt et al. 2018
/// (StarDist).
void measure_rays(const InstanceMap& map, float* out, StopPoints& points);

/// Raises a map to exp(-d^2 / (2 s^2)) about a middle, s = max(1, radius / 4), as far as 4 s.
void raise_centre(float x, float y, float radius, std::ptrdiff_t n, float* out);

/// Of instances 1 ... n: left, top, right and bottom of their pixels, right and bottom beyond the last, and how many there are. 0
/// for those that have none. No pixel may hold more than n. boxes: (n, 4), visible: n.
void measure_boxes(const InstanceMap& map, std::ptrdiff_t n, std::int32_t* boxes, std::int32_t* visible);

}  // namespace nanotilt
