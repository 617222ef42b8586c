#include "nearest.hpp"

#include "envelope.hpp"

namespace nanotilt {
namespace {

/// The row of the nearest marked pixel in each pixel's own column; -1 where its column has none.
void find_rows(const std::uint8_t* marked, std::ptrdiff_t rows, std::ptrdiff_t columns, std::int32_t* nearest) {
    for (std::ptrdiff_t row = 0; row < rows; ++row) {
        const std::uint8_t* own = marked + row * columns;
        std::int32_t* here = nearest + row * columns;
        for (std::ptrdiff_t column = 0; column < columns; ++column) {
            const std::int32_t above = row > 0 ? here[column - columns] : -1;
            here[column] = own[column] != 0 ? static_cast<std::int32_t>(row) : above;
        }
    }
    for (std::ptrdiff_t row = rows - 2; row >= 0; --row) {
        std::int32_t* here = nearest + row * columns;
        const auto at = static_cast<std::int32_t>(row);
        for (std::ptrdiff_t column = 0; column < columns; ++column) {
            const std::int32_t above = here[column];
            const std::int32_t below = here[column + columns];
            const bool nearer = below > at && (above < 0 || below - at < at - above);
            here[column] = nearer ? below : above;
        }
    }
}

}  // namespace

void find_nearest(const std::uint8_t* marked, std::ptrdiff_t rows, std::ptrdiff_t columns, const NearestScratch& s,
                  std::int32_t* out, StopPoints& points) {
    std::int32_t* nearest = s.rows;
    std::int32_t* heights = s.heights;
    find_rows(marked, rows, columns, nearest);
    Envelope envelope(s.places, columns);
    for (std::ptrdiff_t row = 0; row < rows; ++row) {
        const std::int32_t* own = nearest + row * columns;
        envelope.clear();
        for (std::ptrdiff_t column = 0; column < columns; ++column) {
            if (own[column] >= 0) {
                const auto away = static_cast<std::int32_t>(row) - own[column];
                heights[column] = away < 0 ? -away : away;
                envelope.add(static_cast<std::int32_t>(column), heights, 0);
            }
        }
        for (std::ptrdiff_t column = columns - 1; column >= 0; --column) {
            const std::int32_t other = envelope.take(static_cast<std::int32_t>(column));
            out[row * columns + column] = other < 0 ? -1 : own[other] * static_cast<std::int32_t>(columns) + other;
        }
        if (points.stop_after(12 * columns)) {
            return;
        }
    }
}

}  // namespace nanotilt
