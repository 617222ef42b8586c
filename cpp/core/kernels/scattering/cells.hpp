// Counts summed over cells of polar grids, row by row: what networks read that do not see images.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "../../base/elementary.hpp"
#include "../../polar/cell_disc.hpp"
#include "../polar.hpp"
#include "image.hpp"
#include "rows.hpp"
#include "scratch.hpp"

namespace nanotilt {
namespace {

/// Clears sums; cells of pixels are made anew where the beam has moved. Null: none are wanted.
inline void begin_sums(const PolarGrid& grid, const ImagePlan& image, CellSums* sums) {
    if (sums == nullptr) {
        return;
    }
    std::fill_n(sums->sums, grid.n_cells() + 1, std::uint64_t{0});
    sums->made = sums->made && sums->beam_x == image.beam_x && sums->beam_y == image.beam_y;
    if (!sums->made) {
        std::fill_n(sums->n_pixels, grid.n_cells() + 1, 0);
    }
}

inline void add_counts(const PixelRow& row, const PolarGrid& grid, std::ptrdiff_t n_pixels, CellSums* sums) {
    if (sums == nullptr) {
        return;
    }
    std::uint16_t* cells = sums->cells + row.number * n_pixels;
    if (!sums->made) {
        std::int32_t* found = row.s.row_cells;
        cells_of_row(grid, 0.5 - row.beam_x, row.y, n_pixels, found);
        for (std::ptrdiff_t i = 0; i < n_pixels; ++i) {
            cells[i] = static_cast<std::uint16_t>(found[i]);
        }
        for (std::ptrdiff_t i = 0; i < n_pixels; ++i) {
            ++sums->n_pixels[cells[i]];
        }
    }
    // Sums of whole numbers: a counter a cell, no roundings.
    const float* counts = row.s.counts;
    for (std::ptrdiff_t i = 0; i < n_pixels; ++i) {
        sums->sums[cells[i]] += static_cast<std::uint32_t>(counts[i]);
    }
}

inline void finish_sums(const ImagePlan& image, CellSums& sums) {
    sums.beam_x = image.beam_x;
    sums.beam_y = image.beam_y;
    sums.made = true;
}

/// Mean counts in a pixel of 75 um, 0 without pixels.
inline double mean_counts(const AreaPlan& area, const CellSums& sums, std::ptrdiff_t cell) {
    const double scale = area.pixels_per_length * area.pixels_per_length;
    const std::int32_t n = sums.n_pixels[cell];
    return n > 0 ? static_cast<double>(sums.sums[cell]) * scale / n : 0.0;
}

/// Means in pixels of 75 um, and how many of these each cell is as large as: the same at every number of pixels.
inline void write_polar_means(const AreaPlan& area, const CellSums& sums, float* out) {
    const std::ptrdiff_t n = area.cells.n_cells();
    const double scale = area.pixels_per_length * area.pixels_per_length;
    for (std::ptrdiff_t cell = 0; cell < n; ++cell) {
        out[cell] = static_cast<float>(mean_counts(area, sums, cell));
        out[n + cell] = static_cast<float>(sums.n_pixels[cell] / scale);
    }
}

/// Coefficients of log(1 + mean counts) / log(65536).
inline void write_coefficients(const AreaPlan& area, const ScatteringScratch& s, float* out) {
    const std::ptrdiff_t n = area.disc.n_cells();
    for (std::ptrdiff_t cell = 0; cell < n; ++cell) {
        s.disc_means[cell] = log_float(1.0F + static_cast<float>(mean_counts(area, s.disc, cell))) * one_over_log;
    }
    scattering_disc().transform(s.disc_means, s.disc.n_pixels, area.disc.outer, area.disc.outer / area.pixels_per_length,
                                s.disc_scratch, out);
}

}  // namespace
}  // namespace nanotilt
