// For each pixel of an image, the nearest one that is marked.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../base/arena.hpp"
#include "../base/stop.hpp"

namespace nanotilt {

/// What find_nearest works in.
struct NearestScratch {
    std::int32_t* rows;     // rows x columns: the nearest marked row in each pixel's column
    std::int32_t* heights;  // columns
    std::int32_t* places;   // 2 * columns
};

inline NearestScratch take_nearest_scratch(Arena& arena, std::ptrdiff_t rows, std::ptrdiff_t columns) {
    NearestScratch s{};
    s.rows = arena.take<std::int32_t>(rows, columns);
    s.heights = arena.take<std::int32_t>(columns);
    s.places = arena.take<std::int32_t>(2, columns);
    return s;
}

/// Writes where the nearest marked pixel is, as row * columns + column; -1 everywhere if none is marked. Exact; of several as near,
/// the leftmost column counts, and in it the upper row.
void find_nearest(const std::uint8_t* marked, std::ptrdiff_t rows, std::ptrdiff_t columns, const NearestScratch& s,
                  std::int32_t* out, StopPoints& points);

}  // namespace nanotilt
