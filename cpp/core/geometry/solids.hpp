// Convex polyhedra: facets, corners and edges, worked out once from where the facets lie.
#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

namespace nanotilt {

/// The solids, in the order of nanotilt.scenes.field_terms.SOLIDS.
enum class SolidKind {
    cube = 0,
    octahedron = 1,
    truncated_octahedron = 2,
    tetrahedron = 3,
    icosahedron = 4,
    decahedron = 5,
    hexagonal_prism = 6,
    triangular_prism = 7,
};

inline constexpr int n_solids = 8;

/// More than any of the solids has.
inline constexpr int most_facets = 24;
inline constexpr int most_solid_corners = 32;
inline constexpr int most_solid_edges = 48;

struct Solid {
    struct Facet {
        std::array<double, 3> normal;  // outwards, of length 1
        double distance;               // from the middle
    };
    struct Edge {
        int corner[2];
        int facet[2];  // those that meet in it
    };
    std::vector<Facet> facets;
    std::vector<std::array<double, 3>> corners;
    std::vector<Edge> edges;
};

/// A solid of the volume of a sphere of radius 1.
const Solid& solid_of(SolidKind kind);

}  // namespace nanotilt
