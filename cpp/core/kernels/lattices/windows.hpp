// Gaussians in windows, added to an image of the frame or to one of half its resolution.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../../base/elementary.hpp"
#include "../../base/random_numbers.hpp"
#include "../../instruments/atom_imaging.hpp"
#include "../../scenes/lattices/sites.hpp"
#include "crystal.hpp"
#include "scratch.hpp"

namespace nanotilt {
namespace {

/// An atom's place in pixels, and how much of it is added.
struct Spot {
    double x, y;
    float weight;
};

/// An image that spots are added to: that of the frame, or one of half its resolution for what is wide.
struct SpotGrid {
    float* values;  // row 0, column 0; columns go on for a window's width on both sides
    std::ptrdiff_t pitch;
    const float* column_x;  // where each column looks, in pixels of the frame
    const float* row_y;
    const float* row_x;  // what each row is shifted by; null: nothing
    int n;
    double start;  // of column and row 0, but for the scan's deviations
    double step;
    double pulled;  // how far the start of a row is pulled, by any part of it

    [[nodiscard]] bool straight() const { return row_x == nullptr && pulled == 0.0; }
};

/// The part of a grid that a window covers.
struct Window {
    std::ptrdiff_t left;   // of whole vectors, may begin before the grid and end behind it
    std::ptrdiff_t width;  // a multiple of lane_count
    std::ptrdiff_t top, bottom;
};

/// Window about (x, y), where the scan sees it; empty where it does not meet the grid. Rows of a scan that is not straight have a
/// `left` of their own: left_of_row.
inline Window window_about(const SpotGrid& grid, double x, double y, int half) {
    const auto column = static_cast<std::ptrdiff_t>(std::floor((x - grid.start) / grid.step));
    const auto row = static_cast<std::ptrdiff_t>(std::floor((y - grid.start) / grid.step));
    Window w{0, padded(2 * half), row - half + 1, row + half + 1};
    w.left = column - w.width / 2 + 1;
    if (!grid.straight()) {
        w.width = padded(2 * half + static_cast<int>(std::ceil(std::fabs(grid.pulled))));
        // Rows look at start + step row: the specimen drifts as they are scanned.
        const auto start = static_cast<double>(grid.row_y[0]);
        const double step = (static_cast<double>(grid.row_y[grid.n - 1]) - start) / (grid.n - 1);
        if (std::fabs(step) < 1e-3) {  // the specimen follows the scan
            return {w.left, w.width, 0, grid.n};
        }
        const double one = (y - half - start) / step;
        const double other = (y + half - start) / step;
        const double last = one < other ? other : one;
        w.top = static_cast<std::ptrdiff_t>(std::fmin(std::fmax(one < other ? one : other, 0.0), grid.n));
        w.bottom = static_cast<std::ptrdiff_t>(std::fmin(std::fmax(last, -1.0), grid.n) + 1.0);
    } else if (w.left + w.width <= 0 || w.left >= grid.n) {
        w.bottom = w.top;
    }
    w.top = w.top > 0 ? w.top : 0;
    w.bottom = w.bottom < grid.n ? w.bottom : grid.n;
    return w;
}

/// Where the window begins in a row. Every row of a straight scan has the same place.
inline std::ptrdiff_t left_of_row(const SpotGrid& grid, const Window& w, double x, std::ptrdiff_t row) {
    if (grid.straight()) {
        return w.left;
    }
    // The row sees x in the column that is at x less its shift, less what the start pulls: any part of it.
    const double shift = grid.row_x != nullptr ? static_cast<double>(grid.row_x[row]) : 0.0;
    return static_cast<std::ptrdiff_t>(std::floor(x - shift - 0.5 * grid.pulled)) - w.width / 2 + 1;
}

inline bool meets(const SpotGrid& grid, const Window& w, std::ptrdiff_t left) {
    return left + w.width > 0 && left < grid.n;
}

/// height * exp(-d^2 scale) of the distances from `middle`.
inline void write_profile(const float* __restrict places, float middle, float scale, float height, std::ptrdiff_t count,
                          float* __restrict out) {
    for (std::ptrdiff_t first = 0; first < count; first += lane_count) {
        NANOTILT_LANES
        for (std::ptrdiff_t lane = 0; lane < lane_count; ++lane) {
            const float d = places[first + lane] - middle;
            out[first + lane] = height * exp_float(-(d * d) * scale);
        }
    }
}

/// Adds one Gaussian of unit mass, times its weight.
inline void add_spot(const SpotGrid& grid, double sigma, const Spot& spot, AtomScratch& s) {
    const Window w = window_about(grid, spot.x, spot.y, half_window(sigma / grid.step));
    if (w.top >= w.bottom) {
        return;
    }
    const auto scale = static_cast<float>(0.5 / (sigma * sigma));
    const auto height = static_cast<float>(static_cast<double>(spot.weight) / (2.0 * pi * sigma * sigma));
    const auto x = static_cast<float>(spot.x);
    write_profile(grid.row_y + w.top, static_cast<float>(spot.y), scale, height, w.bottom - w.top, s.down);
    for (std::ptrdiff_t row = w.top; row < w.bottom; ++row) {
        const std::ptrdiff_t left = left_of_row(grid, w, spot.x, row);
        if (!meets(grid, w, left)) {
            continue;
        }
        if (row == w.top || !grid.straight()) {
            const float shift = grid.row_x != nullptr ? grid.row_x[row] : 0.0F;
            write_profile(grid.column_x + left, x - shift, scale, 1.0F, w.width, s.across);
        }
        const float down = s.down[row - w.top];
        float* __restrict line = grid.values + row * grid.pitch + left;
        const float* __restrict across = s.across;
        for (std::ptrdiff_t first = 0; first < w.width; first += lane_count) {
            NANOTILT_LANES
            for (std::ptrdiff_t lane = 0; lane < lane_count; ++lane) {
                line[first + lane] += down * across[first + lane];
            }
        }
    }
}

/// Takes one Gaussian away and adds another close to it, in one window: each pixel is read and written once.
inline void move_spot(const SpotGrid& grid, double sigma, const Spot& before, const Spot& after, AtomScratch& s) {
    const bool far = std::fabs(after.x - before.x) > grid.step || std::fabs(after.y - before.y) > grid.step;
    const int half = half_window(sigma / grid.step) + (far ? 1 : 0);
    const double middle = 0.5 * (before.x + after.x);
    const Window w = window_about(grid, middle, 0.5 * (before.y + after.y), half);
    if (w.top >= w.bottom) {
        return;
    }
    const auto scale = static_cast<float>(0.5 / (sigma * sigma));
    const double height = 1.0 / (2.0 * pi * sigma * sigma);
    const auto lost = static_cast<float>(-height * static_cast<double>(before.weight));
    const auto gained = static_cast<float>(height * static_cast<double>(after.weight));
    const std::ptrdiff_t rows = w.bottom - w.top;
    write_profile(grid.row_y + w.top, static_cast<float>(before.y), scale, lost, rows, s.down);
    write_profile(grid.row_y + w.top, static_cast<float>(after.y), scale, gained, rows, s.down_new);
    for (std::ptrdiff_t row = w.top; row < w.bottom; ++row) {
        const std::ptrdiff_t left = left_of_row(grid, w, middle, row);
        if (!meets(grid, w, left)) {
            continue;
        }
        if (row == w.top || !grid.straight()) {
            const float shift = grid.row_x != nullptr ? grid.row_x[row] : 0.0F;
            write_profile(grid.column_x + left, static_cast<float>(before.x) - shift, scale, 1.0F, w.width, s.across);
            write_profile(grid.column_x + left, static_cast<float>(after.x) - shift, scale, 1.0F, w.width, s.across_new);
        }
        const float down = s.down[row - w.top];
        const float down_new = s.down_new[row - w.top];
        float* __restrict line = grid.values + row * grid.pitch + left;
        const float* __restrict across = s.across;
        const float* __restrict across_new = s.across_new;
        for (std::ptrdiff_t first = 0; first < w.width; first += lane_count) {
            NANOTILT_LANES
            for (std::ptrdiff_t lane = 0; lane < lane_count; ++lane) {
                line[first + lane] += down * across[first + lane] + down_new * across_new[first + lane];
            }
        }
    }
}

/// The frame's own resolution.
inline SpotGrid fine_grid(const AtomPlan& atoms, AtomScratch& s) {
    const bool shifted = atoms.jitter_px > 0.0 || atoms.drift_px > 0.0;
    return {s.spots + s.margin, s.pitch + 2 * s.margin, s.column_x, s.row_y, shifted ? s.row_x : nullptr, atoms.n_pixels, 0.0, 1.0,
            atoms.flyback_px};
}

/// Half of it: column and row c look at 2 (c - 1), so that there is one more on each side to interpolate from.
inline SpotGrid coarse_grid(const AtomPlan& atoms, AtomScratch& s) {
    return {s.coarse + s.margin,
            s.pitch + 2 * s.margin,
            s.coarse_places,
            s.coarse_places,
            nullptr,
            atoms.n_pixels / 2 + 4,
            -2.0,
            2.0,
            0.0};
}

/// Gaussians from here on, in pixels, are drawn at half the resolution: cubic interpolation between its pixels then errs by less
/// than 1 % of what is added.
constexpr double least_coarse_sigma = 3.0;

inline bool is_coarse(const AtomPlan& atoms, double sigma) {
    return sigma >= least_coarse_sigma && !bends(atoms);
}

/// Furthest that the scan sees the specimen shifted, in pixels.
inline double furthest_shift(const AtomPlan& atoms, const AtomScratch& s) {
    double furthest = 0.0;
    for (int row = 0; row < atoms.n_pixels && bends(atoms); ++row) {
        const double across = std::fabs(static_cast<double>(s.row_x[row])) + std::fabs(atoms.flyback_px);
        const double down = std::fabs(static_cast<double>(s.row_y[row]) - row);
        furthest = std::fmax(furthest, std::fmax(across, down));
    }
    return furthest;
}

inline void clear_spots(const AtomPlan& atoms, AtomScratch& s) {
    const SpotGrid fine = fine_grid(atoms, s);
    std::memset(s.spots, 0, static_cast<std::size_t>(fine.n * fine.pitch) * sizeof(float));
    const SpotGrid coarse = coarse_grid(atoms, s);
    std::memset(s.coarse, 0, static_cast<std::size_t>(coarse.n * coarse.pitch) * sizeof(float));
}

/// Adds an image of half the resolution to the frame: even rows and columns as they are, odd ones by (-1, 9, 9, -1) / 16.
inline void add_coarse(const AtomPlan& atoms, AtomScratch& s) {
    const SpotGrid coarse = coarse_grid(atoms, s);
    const std::ptrdiff_t n = atoms.n_pixels;
    const auto pairs = static_cast<std::ptrdiff_t>(padded(coarse.n - 2));
    for (std::ptrdiff_t row = 0; row < n; ++row) {
        const float* __restrict above = coarse.values + (row / 2) * coarse.pitch;
        const float* __restrict own = above + coarse.pitch;
        const float* __restrict below = own + coarse.pitch;
        const float* __restrict further = below + coarse.pitch;
        float* __restrict line = s.across;  // as many columns as the coarse grid has
        const bool even = row % 2 == 0;
        for (std::ptrdiff_t i = 0; i < pairs + lane_count; ++i) {
            const float between = 0.5625F * (own[i] + below[i]) - 0.0625F * (above[i] + (even ? 0.0F : further[i]));
            line[i] = even ? own[i] : between;
        }
        float* __restrict to = s.image + row * n;
        for (std::ptrdiff_t i = 0; i < n / 2; ++i) {
            to[2 * i] += line[i + 1];
            to[2 * i + 1] += 0.5625F * (line[i + 1] + line[i + 2]) - 0.0625F * (line[i] + line[i + 3]);
        }
        if (n % 2 != 0) {
            to[n - 1] += line[n / 2 + 1];
        }
    }
}

}  // namespace
}  // namespace nanotilt
