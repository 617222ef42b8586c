#include "truths.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "../../base/elementary.hpp"

namespace nanotilt {
namespace {

constexpr double root3 = 1.7320508075688772;

/// Beyond this a displacement makes a site part of a defect's core, in bond lengths.
constexpr double core_displacement = 0.1;
constexpr double mask_radius = 0.8;

/// A number that wraps into [0, period).
double wrapped(double value, double period) {
    return value - period * std::floor(value / period);
}

}  // namespace

int most_atoms(const LatticePlan& lattice, int n_pixels, double pixel) {
    const double side = n_pixels * pixel;
    const double cells = side * side / (lattice.a * lattice.a * 0.8660254037844386);
    return static_cast<int>(std::ceil(1.4 * (lattice.columns[0].n + lattice.columns[1].n) * cells)) + 64;
}

std::vector<Output> lattice_truths(const LatticePlan& lattice, int n_pixels, double pixel) {
    const std::int64_t n = n_pixels;
    const std::int64_t most = lattice.max_defects;
    return {
        {"defects", Dtype::float32, {most, n_defect_columns}, ""},
        {"n_defects", Dtype::int32, {}, ""},
        {"atoms", Dtype::float32, {most_atoms(lattice, n_pixels, pixel), n_atom_columns}, ""},
        {"n_atoms", Dtype::int32, {}, ""},
        {"mask", Dtype::uint8, {n, n}, ""},
        {"clean", Dtype::float32, {1, n, n}, ""},
        {"counts", Dtype::float32, {}, "electrons"},
        {"pose", Dtype::float32, {n_pose_values}, ""},
        {"imaging", Dtype::float32, {n_imaging_values}, ""},
    };
}

int write_defects(const PlacedLattice& lattice, float* rows) {
    std::fill_n(rows, static_cast<std::ptrdiff_t>(lattice.plan->max_defects) * n_defect_columns, 0.0F);
    for (int k = 0; k < lattice.n_defects; ++k) {
        const PlacedDefect& defect = lattice.defects[static_cast<std::size_t>(k)];
        const auto [x, y] = lattice.seen_at(lattice.bond * defect.x, lattice.bond * defect.y);
        // The direction in which the table's x axis is seen.
        const auto axis = direction_in_crystal(defect, {1.0, 0.0});
        const double across = lattice.xx * axis[0] + lattice.xy * axis[1];
        const double up = lattice.yx * axis[0] + lattice.yy * axis[1];
        const double direction = line_angle(across, up) + (up < 0.0 || (up == 0.0 && across < 0.0) ? pi : 0.0);
        float* row = rows + static_cast<std::ptrdiff_t>(k) * n_defect_columns;
        row[0] = static_cast<float>(defect.plan->kind);
        row[1] = static_cast<float>(x);
        row[2] = static_cast<float>(y);
        row[3] = static_cast<float>(wrapped(direction, 2.0 * pi / defect.plan->symmetry));
    }
    return lattice.n_defects;
}

int write_atoms(const PlacedLattice& lattice, int n_pixels, int most, float* rows) {
    int count = 0;
    const auto add = [&](double x, double y, const Column& column, int sublattice, bool of_core) {
        if (!(x >= -0.5 && x < n_pixels - 0.5 && y >= -0.5 && y < n_pixels - 0.5)) {
            return;
        }
        for (int i = 0; i < column.n && count < most; ++i) {
            if (rows == nullptr) {
                ++count;
                continue;
            }
            float* row = rows + static_cast<std::ptrdiff_t>(count++) * n_atom_columns;
            row[0] = static_cast<float>(x);
            row[1] = static_cast<float>(y);
            row[2] = static_cast<float>(column.elements[static_cast<std::size_t>(i)]);
            row[3] = static_cast<float>(sublattice);
            row[4] = of_core ? 1.0F : 0.0F;
        }
    };
    for_each_site(lattice, n_pixels, 0.0, [&](const Site& site, double x, double y) {
        for (int k = 0; k < lattice.n_defects; ++k) {
            if (change_at(lattice.defects[static_cast<std::size_t>(k)], site) != nullptr) {
                return;
            }
        }
        add(x, y, lattice.plan->columns[static_cast<std::size_t>(site.sublattice)], site.sublattice, false);
    });
    for_each_changed_site(lattice, [&](const ChangedSite& site) {
        add(site.new_x, site.new_y, site.after, site.sublattice, site.replaced || site.moved > core_displacement);
    });
    if (rows != nullptr) {
        std::fill(rows + static_cast<std::ptrdiff_t>(count) * n_atom_columns,
                  rows + static_cast<std::ptrdiff_t>(most) * n_atom_columns, 0.0F);
    }
    return count;
}

void write_defect_mask(const PlacedLattice& lattice, int n_pixels, std::uint8_t* mask) {
    std::memset(mask, 0, static_cast<std::size_t>(n_pixels) * static_cast<std::size_t>(n_pixels));
    const double radius = mask_radius * lattice.bond * std::sqrt(lattice.cell()) / (lattice.plan->a * std::sqrt(0.5 * root3));
    const auto disc = [&](double x, double y, int kind) {
        const int first = std::max(static_cast<int>(std::ceil(std::max(y - radius, -1.0))), 0);
        const int last = std::min(static_cast<int>(std::floor(std::min(y + radius, 1e6))), n_pixels - 1);
        for (int row = first; row <= last; ++row) {
            const double half = std::sqrt(std::max(radius * radius - (row - y) * (row - y), 0.0));
            const int left = std::max(static_cast<int>(std::ceil(std::max(x - half, -1.0))), 0);
            const int right = std::min(static_cast<int>(std::floor(std::min(x + half, 1e6))), n_pixels - 1);
            for (int column = left; column <= right; ++column) {
                mask[static_cast<std::ptrdiff_t>(row) * n_pixels + column] = static_cast<std::uint8_t>(kind + 1);
            }
        }
    };
    for_each_changed_site(lattice, [&](const ChangedSite& site) {
        if (site.replaced || site.moved > core_displacement) {
            disc(site.new_x, site.new_y, lattice.defects[static_cast<std::size_t>(site.defect)].plan->kind);
        }
    });
}

}  // namespace nanotilt
