// A patch of a 2D crystal, perfect or with defects: what it is drawn from, and its reader.
//
// The honeycomb has a1 = (a, 0), a2 = (a / 2, a sqrt(3) / 2), a column of atoms at A (0, 0) and one at B (a1 + a2) / 3. Tables of
// defects count in bond lengths d = a / sqrt(3).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace nanotilt {

namespace wire {
class Fields;
}

/// Chemical elements by the numbers of nanotilt.scenes.lattice_terms.ELEMENTS.
inline constexpr int n_elements = 11;
inline constexpr int most_atoms_of_column = 2;

/// Atoms on top of each other, as seen from above.
struct Column {
    int n;
    std::array<int, most_atoms_of_column> elements;

    bool operator==(const Column&) const = default;
};

/// A site that a defect changes.
struct DefectSite {
    int m, n, sublattice;  // m a1 + n a2, + B for sublattice 1
    double dx, dy;         // in bond lengths
    bool replaced;         // whether `after` stands there instead of the crystal's own column
    Column after;
};

/// Half the side, in cells, of the square in which a defect may change sites.
inline constexpr int defect_cells = 12;
inline constexpr int defect_side = 2 * defect_cells + 1;

struct DefectPlan {
    int kind;
    double share;                // cumulated, the last 1
    std::array<double, 2> core;  // where it is, from site A (0, 0), in bond lengths
    int symmetry;                // orders of rotation about the core
    double reach;                // of the core, in bond lengths
    std::vector<DefectSite> sites;
    std::vector<std::int16_t> place_of;  // of each site of the square: its place in `sites`, or -1

    [[nodiscard]] static std::size_t square_index(int m, int n, int sublattice) {
        return static_cast<std::size_t>(((m + defect_cells) * defect_side + n + defect_cells) * 2 + sublattice);
    }
};

/// Lengths are in angstrom.
struct LatticePlan {
    double a;
    std::array<Column, 2> columns;  // at A and at B
    std::vector<DefectPlan> defects;
    std::array<int, 2> n_defects;  // fewest and most
    int max_defects;               // rows of their list
    std::array<double, 2> turns;
    double scale_std;
    double strain_std;
    double tilt_std_rad;
    std::array<double, 2> relief;
    double margin;
    double spread;  // 0: as large as the frame allows
    double ripple_height;
    double ripple_length;
    double contamination;
    double contamination_length;
    double adatoms;  // mean number in a tile
    int adatom_element;

    /// Whether A and B can be exchanged.
    [[nodiscard]] bool inverts() const { return columns[0] == columns[1]; }
    /// Whether it is a sum of plane waves, but for its defects.
    [[nodiscard]] bool periodic() const { return ripple_height == 0.0; }
};

/// Numbers that a sample's crystal and its imaging are drawn from, made together in vectors: 64 normals of Purpose::lattice, and 64
/// words of its object 1.
struct LatticeNumbers {
    const float* normals;        // LatticeNormal
    const std::uint32_t* words;  // LatticeWord
};

inline constexpr std::uint32_t lattice_words_object = 1;

enum LatticeNormal {
    scale_normal = 0,
    strain_normals = 1,  // two
    tilt_normal = 3,
    contamination_normals = 16,  // two for each wave
};

enum LatticeWord {
    place_words = 0,  // two
    turn_word = 2,
    counts_word = 3,
    azimuth_word = 4,
    background_word = 5,
    n_defects_word = 6,
    probe_words = 8,     // one for each Gaussian
    imaging_words = 12,  // four, of a bright field
    ripple_words = 16,   // four for each wave
    contamination_words = 32,
};

/// Of Purpose::defect: a block after those of all attempts.
inline constexpr std::uint32_t kind_of_defect_block = 64;
inline constexpr int most_attempts_at_defect = 8;

inline constexpr int defects_limit = 32;  // of a sample

inline constexpr int waves_of_ripple = 4;
inline constexpr int waves_of_contamination = 8;

/// Side of a tile, in angstrom, and most atoms in one.
inline constexpr double adatom_tile = 4.0;
inline constexpr int adatoms_of_tile = 4;

/// Reads a scene of the kind "lattice", less its kind and version. Throws std::invalid_argument.
LatticePlan read_lattice(wire::Fields& scene);

}  // namespace nanotilt
