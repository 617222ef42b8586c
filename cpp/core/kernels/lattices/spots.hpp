// Atoms one by one: what defects change, and all of a sheet that has no Fourier series.
#pragma once

#include <cmath>
#include <cstdint>

#include "../../base/random_numbers.hpp"
#include "../../instruments/atom_imaging.hpp"
#include "../../scenes/lattices/sites.hpp"
#include "crystal.hpp"
#include "scratch.hpp"
#include "windows.hpp"

namespace nanotilt {
namespace {

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
    const double reach = atoms.widest_half() + 1.0 + furthest_shift(atoms, s);
    for_each_site(lattice, atoms.n_pixels, reach, [&](const Site& site, double x, double y) {
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
    const double reach_px = 0.5 * atoms.n_pixels + atoms.widest_half() + furthest_shift(atoms, s);
    const int reach = static_cast<int>(std::ceil(reach_px / tile)) + 1;
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
