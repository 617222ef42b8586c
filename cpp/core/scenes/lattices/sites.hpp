// One sample of a crystal: how it lies in the frame, its defects, the sites that they change, its atoms. Scalar code, compiled
// once.
#pragma once

#include <array>
#include <cstdint>

#include "../../base/philox.hpp"
#include "lattice.hpp"

namespace nanotilt {

/// A defect where it stands: its table turned by `turn` thirds, then exchanged A for B by turning about the middle of a bond, then
/// moved by m a1 + n a2.
struct PlacedDefect {
    const DefectPlan* plan;
    int turn;
    bool inverted;
    int m, n;
    double relief;
    double x, y;  // of its core, in the crystal, in bond lengths
};

/// A site in the crystal.
struct Site {
    int m, n, sublattice;
};

/// A crystal in a frame: the place r of the crystal, in angstrom, is seen at pixel (x, y) + F r.
struct PlacedLattice {
    const LatticePlan* plan;
    double x, y;
    double xx, xy, yx, yy;  // F, in pixels per angstrom
    double bond;            // in angstrom
    std::array<PlacedDefect, defects_limit> defects;
    int n_defects;
    // u = -height^2 k / 4 (k s - sin(2 (k s + phase)) / 2) along each wave's direction, s in angstrom from the frame's middle: what
    // a sheet that bends without stretching loses in projection, cross terms of different waves left out.
    struct Ripple {
        double direction_x, direction_y;
        double wave_number;
        double height;
        double phase;
    };
    std::array<Ripple, waves_of_ripple> ripples;
    double middle_x, middle_y;  // of the frame, in pixels

    /// Where a place of the crystal, given in angstrom, is seen, in pixels.
    [[nodiscard]] std::array<double, 2> seen_at(double across, double up) const;
    /// Pixels^2 of a cell.
    [[nodiscard]] double cell() const;
};

/// A site that differs from the perfect crystal's.
struct ChangedSite {
    double x, y;          // in pixels, where the perfect crystal has it
    double new_x, new_y;  // where it is
    double moved;         // in bond lengths
    bool replaced;
    Column before;
    Column after;
    int defect;  // which of the sample's
    int sublattice;
};

/// Draws all but the image.
PlacedLattice place_lattice(const LatticePlan& plan, const StreamPosition& at, const LatticeNumbers& numbers, int n_pixels,
                            double pixel);

/// Most sites that a sample's defects change.
int most_changed_sites(const LatticePlan& plan);

/// Calls use(ChangedSite) for each site that is changed, once, in a fixed order; with `k` for those of defect k that none before it
/// changes.
template <class Use>
void for_each_changed_site(const PlacedLattice& lattice, const Use& use);
template <class Use>
void for_each_changed_site(const PlacedLattice& lattice, int k, const Use& use);

/// The site of the crystal that entry `site` of the defect's table is about.
Site site_in_crystal(const PlacedDefect& defect, const Site& site);

/// What a defect changes at a site of the crystal; null: nothing.
const DefectSite* change_at(const PlacedDefect& defect, const Site& site);

/// A displacement in the table of a defect, in bond lengths, as it is in the crystal, relief left out.
std::array<double, 2> direction_in_crystal(const PlacedDefect& defect, std::array<double, 2> direction);

/// Displacement, in bond lengths, that entry `change` of a defect brings, in the crystal.
std::array<double, 2> displacement(const PlacedDefect& defect, const DefectSite& change);

/// Place of a site in the perfect crystal, in angstrom.
std::array<double, 2> place_of_site(const PlacedLattice& lattice, const Site& site);

/// What the defects from `first` on make of a site, of which `entry` is what the first of them does.
ChangedSite changed_site(const PlacedLattice& lattice, const Site& site, int first, const DefectSite& entry);

template <class Use>
void for_each_changed_site(const PlacedLattice& lattice, int k, const Use& use) {
    const PlacedDefect& defect = lattice.defects[static_cast<std::size_t>(k)];
    for (const DefectSite& entry : defect.plan->sites) {
        const Site site = site_in_crystal(defect, {entry.m, entry.n, entry.sublattice});
        bool told = false;
        for (int before = 0; before < k && !told; ++before) {
            told = change_at(lattice.defects[static_cast<std::size_t>(before)], site) != nullptr;
        }
        if (!told) {
            use(changed_site(lattice, site, k, entry));
        }
    }
}

template <class Use>
void for_each_changed_site(const PlacedLattice& lattice, const Use& use) {
    for (int k = 0; k < lattice.n_defects; ++k) {
        for_each_changed_site(lattice, k, use);
    }
}

/// Calls use(site, x, y) for each site of the perfect crystal that is seen within `reach` pixels of the frame.
template <class Use>
void for_each_site(const PlacedLattice& lattice, int n_pixels, double reach, const Use& use);

/// The cell of the crystal that a pixel lies in.
Site cell_at(const PlacedLattice& lattice, double x, double y);

/// Rows of cells m a1 + n a2 that may be seen.
struct CellRange {
    int first, end;
};
CellRange rows_of_cells(const PlacedLattice& lattice, int n_pixels, double reach);
CellRange cells_of_row(const PlacedLattice& lattice, int n_pixels, double reach, int n);

template <class Use>
void for_each_site(const PlacedLattice& lattice, int n_pixels, double reach, const Use& use) {
    const double low = -0.5 - reach;
    const double high = n_pixels - 0.5 + reach;
    const CellRange rows = rows_of_cells(lattice, n_pixels, reach);
    for (int n = rows.first; n < rows.end; ++n) {
        const CellRange cells = cells_of_row(lattice, n_pixels, reach, n);
        for (int m = cells.first; m < cells.end; ++m) {
            for (int sublattice = 0; sublattice < 2; ++sublattice) {
                const Site site{m, n, sublattice};
                const auto [across, up] = place_of_site(lattice, site);
                const auto [x, y] = lattice.seen_at(across, up);
                if (x >= low && x < high && y >= low && y < high) {
                    use(site, x, y);
                }
            }
        }
    }
}

}  // namespace nanotilt
