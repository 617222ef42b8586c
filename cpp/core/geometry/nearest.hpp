// For each pixel of an image, the nearest one that is marked.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../base/stop.hpp"

namespace nanotilt {

/// Scratch of find_nearest, in numbers of 4 bytes.
inline std::ptrdiff_t nearest_scratch(std::ptrdiff_t rows, std::ptrdiff_t columns) {
    return (rows + 3) * columns;
}

/// Writes where the nearest marked pixel is, as row * columns + column; -1 everywhere if none is marked. Exact; of several as near,
/// the leftmost column counts, and in it the upper row.
void find_nearest(const std::uint8_t* marked, std::ptrdiff_t rows, std::ptrdiff_t columns, std::int32_t* scratch, std::int32_t* out,
                  StopPoints& points);

}  // namespace nanotilt
