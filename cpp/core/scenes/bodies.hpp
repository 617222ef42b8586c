// One body of a field: its shape, its outline, and how it is drawn at random.
#pragma once

#include <array>
#include <cstdint>

#include "../base/philox.hpp"
#include "../base/random_numbers.hpp"
#include "../geometry/solids.hpp"
#include "field.hpp"

namespace nanotilt {

/// One body where it is drawn.
struct Body {
    float x;
    float y;
    float radius;    // of the sphere that it stands for
    float contrast;  // relative to the field's
    float reach;     // the outline's furthest point
    std::int32_t id;
    std::int32_t kind;
    float volume;
    /// How far the outline reaches in each direction: its convex hull's support.
    float support[n_directions];
    union {
        struct {
            float xx, xy, yy;  // the outline is where xx x^2 + 2 xy x y + yy y^2 = 1
            float thickness;   // in the middle
        } ellipsoid;
        struct {
            float x, y;  // direction
            float half;  // of the axis
            float radius;
        } rod;
        struct {
            std::int32_t n_edges;  // of the outline
            std::int32_t n_upper;
            std::int32_t n_lower;
            float edge[2][most_solid_edges];  // an edge's line is where edge . (x, y) = 1
            float upper[3][most_facets];      // a facet's height is upper[0] + upper[1] x + upper[2] y
            float lower[3][most_facets];
        } polyhedron;
        struct {
            float cosine[n_harmonics];
            float sine[n_harmonics];
        } rough;
    };
};

/// A Poisson number, exactly distributed: sums of numbers of mean 16 at most, each found by inversion of one word.
int poisson_number(double mean, const StreamPosition& at, std::uint32_t first_block, int most);

/// All of a body but its place: its shape follows from its number alone.
void shape_body(const FieldPlan& field, const StreamPosition& at, std::uint32_t number, Body& body);

/// The outline's support, reach and volume, after its shape was set or its size changed.
void measure_outline(Body& body);

/// Makes a body larger or smaller about its middle.
void scale_body(Body& body, double factor);

/// Distance of a rough outline in the direction i of 64, in units of the radius.
float rough_distance(const Body& body, int direction);

/// Sines and cosines of the 64 directions.
struct Directions {
    float cos[n_directions];
    float sin[n_directions];
};
const Directions& directions();

inline constexpr float smallest_rough_distance = 0.3F;

}  // namespace nanotilt
