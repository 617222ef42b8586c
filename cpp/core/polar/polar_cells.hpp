// Means of images over cells of a polar grid.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../base/stop.hpp"

namespace nanotilt {

/// Rings of cells from radius `inner` to `outer`, in pixels.
struct PolarGrid {
    std::ptrdiff_t n_radii;
    std::ptrdiff_t n_angles;
    double inner;
    double outer;
    /// Borders of rings are equally far apart in the logarithm of the radius; `inner` is > 0 then.
    bool logarithmic;
    /// Angles cover half a turn: opposite pixels share a cell.
    bool half_turn;

    [[nodiscard]] std::ptrdiff_t n_cells() const { return n_radii * n_angles; }
};

struct ImageShape {
    std::ptrdiff_t rows;
    std::ptrdiff_t columns;
};

/// Where pixels' radii and angles are counted from; pixel (row i, column j) has its middle at x = j, y = i.
struct PolarCentre {
    double x;
    double y;
};

/// The cell of each pixel of rows first ... last, n_cells() for pixels beyond the grid and where `mask` (null: all are seen) is 0.
void write_cells(const PolarGrid& grid, const ImageShape& shape, const PolarCentre& centre, const std::uint8_t* mask,
                 std::ptrdiff_t first, std::ptrdiff_t last, std::int32_t* cells);

/// Number of pixels of each cell; `counts` has one more, for all other pixels.
void count_pixels(const std::int32_t* cells, std::ptrdiff_t n_pixels, std::ptrdiff_t n_cells, std::int32_t* counts);

/// Means of one image over cells, 0 for those without pixels; `sums` is scratch memory for n_cells + 1 numbers.
void write_means(const float* image, const std::int32_t* cells, std::ptrdiff_t n_pixels, std::ptrdiff_t n_cells,
                 const std::int32_t* counts, double* sums, float* means);

/// A stack of images, one centre (x, y) for all or for each, one mask for all or for each.
struct PolarStack {
    const float* images;
    std::ptrdiff_t n_images;
    ImageShape shape;
    const double* centres;
    bool own_centres;
    /// Null: all pixels are seen.
    const std::uint8_t* masks;
    bool own_masks;
};

/// Means (n_images, n_radii, n_angles) and the numbers of pixels (the same, or (n_radii, n_angles) where all images share centre
/// and mask).
void bin_images(const PolarStack& stack, const PolarGrid& grid, float* means, std::int32_t* counts, int n_threads,
                const Stop& stop);

}  // namespace nanotilt
