// What is true of a crystal's sample: its outputs, and lists and masks of defects and atoms.
#pragma once

#include <cstdint>
#include <vector>

#include "../../program/spec.hpp"
#include "sites.hpp"

namespace nanotilt {

/// The outputs of a lattice beside label and angles, in the order of `lattice_truths`.
enum LatticeTruth {
    defects_truth,
    n_defects_truth,
    atoms_truth,
    n_atoms_truth,
    defect_mask_truth,
    perfect_truth,
    counts_truth,
    pose_truth,
    imaging_truth,
    n_lattice_truths,
};

inline constexpr int n_defect_columns = 4;  // kind, x, y, orientation
inline constexpr int n_atom_columns = 5;    // x, y, element, sublattice, whether it is of a defect's core
inline constexpr int n_pose_values = 6;     // x, y of the origin in pixels; pixels per angstrom: xx, xy, yx, yy
inline constexpr int n_imaging_values = 8;  // what the instrument drew

/// Rows of the list of atoms: some more than a frame of the unstrained crystal holds. Python has the same formula.
int most_atoms(const LatticePlan& lattice, int n_pixels, double pixel);

std::vector<Output> lattice_truths(const LatticePlan& lattice, int n_pixels, double pixel);

/// Writes the list of defects, padded with 0: kind, x and y of the core in pixels, orientation in radians. Returns how many.
int write_defects(const PlacedLattice& lattice, float* rows);

/// Writes the list of atoms in the frame, padded with 0: x, y in pixels, element, sublattice, whether a defect's core changed it.
/// Returns how many. `rows` may be null.
int write_atoms(const PlacedLattice& lattice, int n_pixels, int most, float* rows);

/// Writes n x n pixels: 0, or 1 + the kind of the defect, within 0.8 bonds of a site that is removed, replaced, or moved by more
/// than 0.1 bonds.
void write_defect_mask(const PlacedLattice& lattice, int n_pixels, std::uint8_t* mask);

}  // namespace nanotilt
