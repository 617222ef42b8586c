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

/// The part of the frame that a window covers.
struct Window {
    std::ptrdiff_t left;   // of whole vectors, may begin before the frame and end behind it
    std::ptrdiff_t width;  // a multiple of lane_count
    std::ptrdiff_t top, bottom;
};

/// Window about (x, y); empty where it does not meet the frame.
inline Window window_about(double x, double y, int half, int n) {
    const auto column = static_cast<std::ptrdiff_t>(std::floor(x));
    const auto row = static_cast<std::ptrdiff_t>(std::floor(y));
    const std::ptrdiff_t width = padded(2 * half);
    const std::ptrdiff_t left = column - width / 2 + 1;
    const std::ptrdiff_t top = row - half + 1 > 0 ? row - half + 1 : 0;
    const std::ptrdiff_t bottom = row + half + 1 < n ? row + half + 1 : n;
    const bool outside = left + width <= 0 || left >= n || top >= bottom;
    return {left, width, top, outside ? top : bottom};
}

/// exp(-d^2 scale) of the distances from `middle`.
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

inline float* spots_row(const AtomScratch& s, std::ptrdiff_t row) {
    return s.spots + row * (s.pitch + 2 * s.margin) + s.margin;
}

/// Adds one Gaussian of unit mass, times its weight.
inline void add_spot(const AtomPlan& atoms, double sigma, const Spot& spot, AtomScratch& s) {
    const Window w = window_about(spot.x, spot.y, half_window(sigma), atoms.n_pixels);
    if (w.top >= w.bottom) {
        return;
    }
    const auto scale = static_cast<float>(0.5 / (sigma * sigma));
    const auto height = static_cast<float>(static_cast<double>(spot.weight) / (2.0 * pi * sigma * sigma));
    const auto x = static_cast<float>(spot.x);
    write_profile(s.row_y + w.top, static_cast<float>(spot.y), scale, height, w.bottom - w.top, s.down);
    if (atoms.straight() && atoms.drift_px == 0.0) {
        write_profile(s.column_x + w.left, x, scale, 1.0F, w.width, s.across);
    }
    for (std::ptrdiff_t row = w.top; row < w.bottom; ++row) {
        if (!(atoms.straight() && atoms.drift_px == 0.0)) {
            write_profile(s.column_x + w.left, x - s.row_x[row], scale, 1.0F, w.width, s.across);
        }
        const float down = s.down[row - w.top];
        float* __restrict line = spots_row(s, row) + w.left;
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
inline void move_spot(const AtomPlan& atoms, double sigma, const Spot& before, const Spot& after, AtomScratch& s) {
    const bool far = std::fabs(after.x - before.x) > 1.0 || std::fabs(after.y - before.y) > 1.0;
    const Window w =
        window_about(0.5 * (before.x + after.x), 0.5 * (before.y + after.y), half_window(sigma) + (far ? 1 : 0), atoms.n_pixels);
    if (w.top >= w.bottom) {
        return;
    }
    const auto scale = static_cast<float>(0.5 / (sigma * sigma));
    const double height = 1.0 / (2.0 * pi * sigma * sigma);
    const auto lost = static_cast<float>(-height * static_cast<double>(before.weight));
    const auto gained = static_cast<float>(height * static_cast<double>(after.weight));
    const std::ptrdiff_t rows = w.bottom - w.top;
    write_profile(s.row_y + w.top, static_cast<float>(before.y), scale, lost, rows, s.down);
    write_profile(s.row_y + w.top, static_cast<float>(after.y), scale, gained, rows, s.down_new);
    const bool same_in_all_rows = atoms.straight() && atoms.drift_px == 0.0;
    for (std::ptrdiff_t row = w.top; row < w.bottom; ++row) {
        if (!same_in_all_rows || row == w.top) {
            const float shift = s.row_x[row];
            write_profile(s.column_x + w.left, static_cast<float>(before.x) - shift, scale, 1.0F, w.width, s.across);
            write_profile(s.column_x + w.left, static_cast<float>(after.x) - shift, scale, 1.0F, w.width, s.across_new);
        }
        const float down = s.down[row - w.top];
        const float down_new = s.down_new[row - w.top];
        float* __restrict line = spots_row(s, row) + w.left;
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

inline void clear_spots(const AtomPlan& atoms, AtomScratch& s) {
    const std::ptrdiff_t width = s.pitch + 2 * s.margin;
    std::memset(s.spots, 0, static_cast<std::size_t>(atoms.n_pixels * width) * sizeof(float));
}

/// Adds all Gaussians of an atom.
inline void add_atom(const AtomPlan& atoms, const DrawnImaging& drawn, double x, double y, double weight, AtomScratch& s) {
    for (int k = 0; k < atoms.n_terms; ++k) {
        const double share = atoms.share[static_cast<std::size_t>(k)] * drawn.counts * weight;
        add_spot(atoms, drawn.sigma[k], {x, y, static_cast<float>(share)}, s);
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
            const Spot lost{site.x, site.y, static_cast<float>(share * before)};
            const Spot gained{site.new_x, site.new_y, static_cast<float>(share * after)};
            if (near && after > 0.0 && site.moved > 0.0) {
                move_spot(atoms, drawn.sigma[k], lost, gained, s);
                continue;
            }
            if (site.moved == 0.0) {
                add_spot(atoms, drawn.sigma[k], {site.x, site.y, static_cast<float>(share * (after - before))}, s);
                continue;
            }
            add_spot(atoms, drawn.sigma[k], {site.x, site.y, -lost.weight}, s);
            if (after > 0.0) {
                add_spot(atoms, drawn.sigma[k], gained, s);
            }
        }
    });
}

}  // namespace
}  // namespace nanotilt
