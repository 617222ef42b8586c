// Atoms one by one, as Gaussians in windows: what defects change, and all of a sheet that has no Fourier series.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../../base/elementary.hpp"
#include "../../base/random_numbers.hpp"
#include "../../instruments/atom_imaging.hpp"
#include "../../scenes/lattice_sites.hpp"
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
};

/// The part of a grid that a window covers.
struct Window {
    std::ptrdiff_t left;   // of whole vectors, may begin before the grid and end behind it
    std::ptrdiff_t width;  // a multiple of lane_count
    std::ptrdiff_t top, bottom;
};

/// Window about (x, y); empty where it does not meet the grid.
inline Window window_about(const SpotGrid& grid, double x, double y, int half) {
    const auto column = static_cast<std::ptrdiff_t>(std::floor((x - grid.start) / grid.step));
    const auto row = static_cast<std::ptrdiff_t>(std::floor((y - grid.start) / grid.step));
    const std::ptrdiff_t width = padded(2 * half);
    const std::ptrdiff_t left = column - width / 2 + 1;
    const std::ptrdiff_t top = row - half + 1 > 0 ? row - half + 1 : 0;
    const std::ptrdiff_t bottom = row + half + 1 < grid.n ? row + half + 1 : grid.n;
    const bool outside = left + width <= 0 || left >= grid.n || top >= bottom;
    return {left, width, top, outside ? top : bottom};
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
        if (row == w.top || grid.row_x != nullptr) {
            const float shift = grid.row_x != nullptr ? grid.row_x[row] : 0.0F;
            write_profile(grid.column_x + w.left, x - shift, scale, 1.0F, w.width, s.across);
        }
        const float down = s.down[row - w.top];
        float* __restrict line = grid.values + row * grid.pitch + w.left;
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
    const Window w = window_about(grid, 0.5 * (before.x + after.x), 0.5 * (before.y + after.y), half);
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
        if (row == w.top || grid.row_x != nullptr) {
            const float shift = grid.row_x != nullptr ? grid.row_x[row] : 0.0F;
            write_profile(grid.column_x + w.left, static_cast<float>(before.x) - shift, scale, 1.0F, w.width, s.across);
            write_profile(grid.column_x + w.left, static_cast<float>(after.x) - shift, scale, 1.0F, w.width, s.across_new);
        }
        const float down = s.down[row - w.top];
        const float down_new = s.down_new[row - w.top];
        float* __restrict line = grid.values + row * grid.pitch + w.left;
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
    return {s.spots + s.margin, s.pitch + 2 * s.margin, s.column_x, s.row_y, shifted ? s.row_x : nullptr, atoms.n_pixels, 0.0, 1.0};
}

/// Half of it: column and row c look at 2 (c - 1), so that there is one more on each side to interpolate from.
inline SpotGrid coarse_grid(const AtomPlan& atoms, AtomScratch& s) {
    return {
        s.coarse + s.margin, s.pitch + 2 * s.margin, s.coarse_places, s.coarse_places, nullptr, atoms.n_pixels / 2 + 4, -2.0, 2.0};
}

/// Gaussians from here on, in pixels, are drawn at half the resolution: cubic interpolation between its pixels then errs by less
/// than 1 % of what is added.
constexpr double least_coarse_sigma = 3.0;

inline bool is_coarse(const AtomPlan& atoms, double sigma) {
    return sigma >= least_coarse_sigma && !bends(atoms);
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

/// Adds all Gaussians of an atom.
inline void add_atom(const AtomPlan& atoms, const DrawnImaging& drawn, double x, double y, double weight, AtomScratch& s) {
    for (int k = 0; k < atoms.n_terms; ++k) {
        const double share = atoms.share[static_cast<std::size_t>(k)] * drawn.counts * weight;
        const double sigma = drawn.sigma[k];
        add_spot(is_coarse(atoms, sigma) ? coarse_grid(atoms, s) : fine_grid(atoms, s), sigma, {x, y, static_cast<float>(share)},
                 s);
    }
}

/// The whole sheet, atom by atom.
inline void add_sheet(const AtomPlan& atoms, const PlacedLattice& lattice, const DrawnImaging& drawn, AtomScratch& s,
                      StopPoints& points) {
    const double weights[2] = {weight_of(atoms, lattice.plan->columns[0]), weight_of(atoms, lattice.plan->columns[1])};
    for_each_site(lattice, atoms.n_pixels, atoms.widest_half() + 1.0, [&](const Site& site, double x, double y) {
        if (!points.stop_after(200)) {
            add_atom(atoms, drawn, x, y, weights[site.sublattice], s);
        }
    });
}

/// Atoms scattered over the sheet. They are drawn in tiles about the frame's middle, so that a smaller frame has the same ones.
inline void add_adatoms(const AtomPlan& atoms, const LatticePlan& plan, const StreamPosition& at, const DrawnImaging& drawn,
                        AtomScratch& s, StopPoints& points) {
    const double tile = adatom_tile / atoms.pixel;
    const double middle = 0.5 * (atoms.n_pixels - 1);
    const int reach = static_cast<int>(std::ceil((0.5 * atoms.n_pixels + atoms.widest_half()) / tile)) + 1;
    const double weight = atoms.weights[static_cast<std::size_t>(plan.adatom_element)];
    const double chance = plan.adatoms / adatoms_of_tile;
    for (int row = -reach; row < reach; ++row) {
        for (int column = -reach; column < reach && !points.stop_after(100); ++column) {
            const auto block = 4 * (static_cast<std::uint32_t>(column) & 0xFFFFU);
            const auto object = static_cast<std::uint32_t>(row) & 0xFFFFU;
            for (std::uint32_t i = 0; i < adatoms_of_tile; ++i) {
                const PhiloxWords words = random_words(at, Purpose::adatoms, block + i, object);
                if (uniform_of(words.w[0]) < chance) {
                    add_atom(atoms, drawn, middle + tile * (column + uniform_of(words.w[1])),
                             middle + tile * (row + uniform_of(words.w[2])), weight, s);
                }
            }
        }
    }
}

/// What the defects change. A Gaussian much wider than a displacement hardly feels it: those wider than twice the narrowest are
/// only moved with atoms that move by more than 0.04 bonds.
inline void add_changes(const AtomPlan& atoms, const PlacedLattice& lattice, const DrawnImaging& drawn, AtomScratch& s,
                        StopPoints& points) {
    constexpr double felt = 0.04;
    constexpr double close = 2.0;  // pixels
    double narrowest = drawn.sigma[0];
    for (int k = 1; k < atoms.n_terms; ++k) {
        narrowest = drawn.sigma[k] < narrowest ? drawn.sigma[k] : narrowest;
    }
    for_each_changed_site(lattice, [&](const ChangedSite& site) {
        if (points.stop_after(200)) {
            return;
        }
        const double before = weight_of(atoms, site.before);
        const double after = weight_of(atoms, site.after);
        const bool near = std::fabs(site.new_x - site.x) < close && std::fabs(site.new_y - site.y) < close;
        for (int k = 0; k < atoms.n_terms; ++k) {
            if (drawn.sigma[k] > 2.0 * narrowest && !site.replaced && site.moved <= felt) {
                continue;
            }
            const double share = atoms.share[static_cast<std::size_t>(k)] * drawn.counts;
            const double sigma = drawn.sigma[k];
            const SpotGrid grid = is_coarse(atoms, sigma) ? coarse_grid(atoms, s) : fine_grid(atoms, s);
            const Spot lost{site.x, site.y, static_cast<float>(share * before)};
            const Spot gained{site.new_x, site.new_y, static_cast<float>(share * after)};
            if (site.moved == 0.0) {
                add_spot(grid, sigma, {site.x, site.y, static_cast<float>(share * (after - before))}, s);
            } else if (near && after > 0.0) {
                move_spot(grid, sigma, lost, gained, s);
            } else {
                add_spot(grid, sigma, {site.x, site.y, -lost.weight}, s);
                if (after > 0.0) {
                    add_spot(grid, sigma, gained, s);
                }
            }
        }
    });
}

}  // namespace
}  // namespace nanotilt
