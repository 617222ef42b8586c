#include "polar_cells.hpp"

#include <algorithm>
#include <vector>

#include "../base/parallel.hpp"
#include "../simd/choose.hpp"
#include "polar_kernels.hpp"

namespace nanotilt {

void write_cells(const PolarGrid& grid, const ImageShape& shape, const PolarCentre& centre, const std::uint8_t* mask,
                 std::ptrdiff_t first, std::ptrdiff_t last, std::int32_t* cells) {
    const auto cells_of_row = active_kernels().polar.cells_of_row;
    const auto beyond = static_cast<std::int32_t>(grid.n_cells());
    for (std::ptrdiff_t row = first; row < last; ++row) {
        std::int32_t* out = cells + row * shape.columns;
        cells_of_row(grid, -centre.x, static_cast<double>(row) - centre.y, shape.columns, out);
        if (mask != nullptr) {
            const std::uint8_t* seen = mask + row * shape.columns;
            for (std::ptrdiff_t i = 0; i < shape.columns; ++i) {
                out[i] = seen[i] != 0 ? out[i] : beyond;
            }
        }
    }
}

void count_pixels(const std::int32_t* cells, std::ptrdiff_t n_pixels, std::ptrdiff_t n_cells, std::int32_t* counts) {
    std::fill_n(counts, n_cells + 1, 0);
    for (std::ptrdiff_t i = 0; i < n_pixels; ++i) {
        ++counts[cells[i]];
    }
}

void write_means(const float* image, const std::int32_t* cells, std::ptrdiff_t n_pixels, std::ptrdiff_t n_cells,
                 const std::int32_t* counts, double* sums, float* means) {
    std::fill_n(sums, n_cells + 1, 0.0);
    for (std::ptrdiff_t i = 0; i < n_pixels; ++i) {
        sums[cells[i]] += static_cast<double>(image[i]);
    }
    for (std::ptrdiff_t c = 0; c < n_cells; ++c) {
        means[c] = counts[c] > 0 ? static_cast<float>(sums[c] / static_cast<double>(counts[c])) : 0.0F;
    }
}

namespace {

struct CellScratch {
    std::int32_t* cells;
    std::int32_t* counts;
    double* sums;
};

}  // namespace

void bin_images(const PolarStack& stack, const PolarGrid& grid, float* means, std::int32_t* counts, int n_threads,
                const Stop& stop) {
    const std::ptrdiff_t n_pixels = stack.shape.rows * stack.shape.columns;
    const std::ptrdiff_t n_cells = grid.n_cells();
    const bool each = stack.own_centres || stack.own_masks;
    const auto mask_of = [&](std::ptrdiff_t i) {
        return stack.masks == nullptr ? nullptr : stack.masks + (stack.own_masks ? i * n_pixels : 0);
    };
    const auto centre_of = [&](std::ptrdiff_t i) {
        const double* at = stack.centres + (stack.own_centres ? 2 * i : 0);
        return PolarCentre{at[0], at[1]};
    };
    std::vector<std::int32_t> shared;
    std::vector<std::int32_t> shared_counts;
    if (!each) {
        shared.resize(static_cast<std::size_t>(n_pixels));
        shared_counts.resize(static_cast<std::size_t>(n_cells) + 1);
        parallel_for(stack.shape.rows, 8, n_threads, 0, stop, [&](std::ptrdiff_t begin, std::ptrdiff_t end, float*) {
            write_cells(grid, stack.shape, centre_of(0), mask_of(0), begin, end, shared.data());
        });
        if (stop.wanted()) {
            return;
        }
        count_pixels(shared.data(), n_pixels, n_cells, shared_counts.data());
        std::copy_n(shared_counts.data(), n_cells, counts);
    }
    const auto list = [&](Arena& arena) {
        return CellScratch{arena.take<std::int32_t>(each ? n_pixels : 0), arena.take<std::int32_t>(each ? n_cells + 1 : 0),
                           arena.take<double>(n_cells + 1)};
    };
    parallel_for(stack.n_images, 1, n_threads, list, stop, [&](std::ptrdiff_t begin, std::ptrdiff_t end, const CellScratch& s) {
        for (std::ptrdiff_t i = begin; i < end && !stop.wanted(); ++i) {
            const std::int32_t* cells = shared.data();
            const std::int32_t* pixels = shared_counts.data();
            if (each) {
                // A row at a time is short; the whole image may take long.
                for (std::ptrdiff_t row = 0; row < stack.shape.rows && !stop.wanted(); ++row) {
                    write_cells(grid, stack.shape, centre_of(i), mask_of(i), row, row + 1, s.cells);
                }
                if (stop.wanted()) {
                    return;
                }
                count_pixels(s.cells, n_pixels, n_cells, s.counts);
                std::copy_n(s.counts, n_cells, counts + i * n_cells);
                cells = s.cells;
                pixels = s.counts;
            }
            write_means(stack.images + i * n_pixels, cells, n_pixels, n_cells, pixels, s.sums, means + i * n_cells);
        }
    });
}

}  // namespace nanotilt
