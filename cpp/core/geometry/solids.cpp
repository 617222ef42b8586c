#include "solids.hpp"

#include <cmath>
#include <cstddef>

#include "../base/elementary.hpp"

namespace nanotilt {
namespace {

using Vector = std::array<double, 3>;

constexpr double same_place = 1e-9;

double dot(const Vector& a, const Vector& b) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

Vector cross(const Vector& a, const Vector& b) {
    return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

Vector difference(const Vector& a, const Vector& b) {
    return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}

double length(const Vector& a) {
    return std::sqrt(dot(a, a));
}

bool near(const Vector& a, const Vector& b) {
    return length(difference(a, b)) < same_place;
}

class Facets {
   public:
    void add(Vector normal, double distance) {
        const double size = length(normal);
        for (double& part : normal) {
            part /= size;
        }
        listed.push_back({normal, distance});
    }

    /// Facets around the z axis, n of them, the first at `first_turn`, each tilted up by `up` (its normal's z against 1 across).
    void add_around(int n, double first_turn, double up, double distance) {
        for (int i = 0; i < n; ++i) {
            const SinCosDouble at = sincos_double(2.0 * pi * (first_turn + i) / n);
            add({at.cos, at.sin, up}, distance);
        }
    }

    std::vector<Solid::Facet> listed;
};

void add_cube(Facets& facets, double distance) {
    for (int axis = 0; axis < 3; ++axis) {
        for (const double sign : {-1.0, 1.0}) {
            Vector normal{};
            normal[static_cast<std::size_t>(axis)] = sign;
            facets.add(normal, distance);
        }
    }
}

void add_octahedron(Facets& facets, double distance) {
    for (const double x : {-1.0, 1.0}) {
        for (const double y : {-1.0, 1.0}) {
            for (const double z : {-1.0, 1.0}) {
                facets.add({x, y, z}, distance);
            }
        }
    }
}

void add_icosahedron(Facets& facets) {
    const double golden = 0.5 * (1.0 + std::sqrt(5.0));  // normals point at the corners of a dodecahedron
    add_octahedron(facets, 1.0);
    for (const double a : {-1.0, 1.0}) {
        for (const double b : {-1.0, 1.0}) {
            facets.add({0.0, a / golden, b * golden}, 1.0);
            facets.add({a / golden, b * golden, 0.0}, 1.0);
            facets.add({b * golden, 0.0, a / golden}, 1.0);
        }
    }
}

/// Two pyramids on a pentagon, all of whose facets are equilateral triangles (Johnson solid 13).
void add_decahedron(Facets& facets) {
    const double inner = 0.25 * std::sqrt(1.0 + 2.0 / std::sqrt(5.0)) * 2.0;  // of the pentagon of side 1
    const double outer = std::sqrt(50.0 + 10.0 * std::sqrt(5.0)) * 0.1;       // its corners' distance
    const double height = std::sqrt(1.0 - outer * outer);
    facets.add_around(5, 0.5, inner / height, inner * height / std::sqrt(inner * inner + height * height));
    facets.add_around(5, 0.5, -inner / height, inner * height / std::sqrt(inner * inner + height * height));
}

void add_prism(Facets& facets, int n, double side_distance, double half_height) {
    facets.add_around(n, 0.5, 0.0, side_distance);
    facets.add({0.0, 0.0, 1.0}, half_height);
    facets.add({0.0, 0.0, -1.0}, half_height);
}

std::vector<Solid::Facet> facets_of(SolidKind kind) {
    Facets facets;
    switch (kind) {
        case SolidKind::cube:
            add_cube(facets, 1.0);
            break;
        case SolidKind::octahedron:
            add_octahedron(facets, 1.0);
            break;
        case SolidKind::truncated_octahedron:  // as Wulff's construction gives gold: 1.154 for {100} over {111}
            add_cube(facets, 1.154);
            add_octahedron(facets, 1.0);
            break;
        case SolidKind::tetrahedron:
            facets.add({1.0, 1.0, 1.0}, 1.0);
            facets.add({1.0, -1.0, -1.0}, 1.0);
            facets.add({-1.0, 1.0, -1.0}, 1.0);
            facets.add({-1.0, -1.0, 1.0}, 1.0);
            break;
        case SolidKind::icosahedron:
            add_icosahedron(facets);
            break;
        case SolidKind::decahedron:
            add_decahedron(facets);
            break;
        case SolidKind::hexagonal_prism:
            add_prism(facets, 6, 1.0, 0.9);
            break;
        case SolidKind::triangular_prism:
            add_prism(facets, 3, 1.0, 0.6);
            break;
    }
    return facets.listed;
}

/// Where three facets meet, if that is on the solid.
void add_corner(Solid& solid, std::size_t i, std::size_t j, std::size_t k) {
    const Solid::Facet& a = solid.facets[i];
    const Solid::Facet& b = solid.facets[j];
    const Solid::Facet& c = solid.facets[k];
    const Vector bc = cross(b.normal, c.normal);
    const Vector ca = cross(c.normal, a.normal);
    const Vector ab = cross(a.normal, b.normal);
    const double volume = dot(a.normal, bc);
    if (std::fabs(volume) < 1e-6) {
        return;
    }
    Vector corner{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
        corner[axis] = (a.distance * bc[axis] + b.distance * ca[axis] + c.distance * ab[axis]) / volume;
    }
    for (const Solid::Facet& facet : solid.facets) {
        if (dot(facet.normal, corner) > facet.distance + same_place) {
            return;
        }
    }
    for (const Vector& other : solid.corners) {
        if (near(other, corner)) {
            return;
        }
    }
    solid.corners.push_back(corner);
}

void add_edges(Solid& solid) {
    const auto on = [&](std::size_t facet, std::size_t corner) {
        return std::fabs(dot(solid.facets[facet].normal, solid.corners[corner]) - solid.facets[facet].distance) < same_place;
    };
    for (std::size_t a = 0; a < solid.facets.size(); ++a) {
        for (std::size_t b = a + 1; b < solid.facets.size(); ++b) {
            Solid::Edge edge{{-1, -1}, {static_cast<int>(a), static_cast<int>(b)}};
            int n = 0;
            for (std::size_t corner = 0; corner < solid.corners.size(); ++corner) {
                if (on(a, corner) && on(b, corner) && n < 2) {
                    edge.corner[n++] = static_cast<int>(corner);
                }
            }
            if (n == 2) {
                solid.edges.push_back(edge);
            }
        }
    }
}

/// Each facet is a fan of triangles about the foot of its normal, which all solids here have within it or on it.
double volume_of(const Solid& solid) {
    double volume = 0.0;
    for (const Solid::Edge& edge : solid.edges) {
        const Vector& first = solid.corners[static_cast<std::size_t>(edge.corner[0])];
        const Vector& second = solid.corners[static_cast<std::size_t>(edge.corner[1])];
        for (const int number : edge.facet) {
            const Solid::Facet& facet = solid.facets[static_cast<std::size_t>(number)];
            const Vector foot{facet.normal[0] * facet.distance, facet.normal[1] * facet.distance, facet.normal[2] * facet.distance};
            const double area = 0.5 * length(cross(difference(first, foot), difference(second, foot)));
            volume += area * facet.distance / 3.0;
        }
    }
    return volume;
}

Solid made(SolidKind kind) {
    Solid solid{facets_of(kind), {}, {}};
    const std::size_t n = solid.facets.size();
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = i + 1; j < n; ++j) {
            for (std::size_t k = j + 1; k < n; ++k) {
                add_corner(solid, i, j, k);
            }
        }
    }
    add_edges(solid);
    const double scale = cube_root(4.0 * pi / 3.0 / volume_of(solid));
    for (Solid::Facet& facet : solid.facets) {
        facet.distance *= scale;
    }
    for (Vector& corner : solid.corners) {
        for (double& part : corner) {
            part *= scale;
        }
    }
    return solid;
}

}  // namespace

const Solid& solid_of(SolidKind kind) {
    static const std::array<Solid, n_solids> solids = [] {
        std::array<Solid, n_solids> all;
        for (std::size_t i = 0; i < n_solids; ++i) {
            all[i] = made(static_cast<SolidKind>(i));
        }
        return all;
    }();
    return solids[static_cast<std::size_t>(kind)];
}

}  // namespace nanotilt
