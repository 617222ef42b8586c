// A field: many bodies on a support. What it is drawn from, its reader, and what one of its bodies is.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "../base/philox.hpp"
#include "../geometry/solids.hpp"
#include "../program/spec.hpp"

namespace nanotilt {

namespace wire {
class Fields;
}

enum class Placing { apart = 0, free = 1, clusters = 2, lattice = 3 };
enum class BodyKind { ellipsoid = 0, rod = 1, polyhedron = 2, rough = 3 };

inline constexpr int n_body_kinds = 4;

/// Directions in which a body's outline is known: 64 of a whole turn, the first along x.
inline constexpr int n_directions = 64;

/// Numbers of a rough body's outline: cosines and sines of 2 ... 9 turns.
inline constexpr int n_harmonics = 8;

/// Lengths are in pixels.
struct FieldPlan {
    double number;
    int max_bodies;
    Placing placing;
    float gap;
    double cluster_size;
    double cluster_spread;
    double lattice_jitter;  // in units of the lattice's spacing
    double radius;
    double radius_log_std;
    std::array<double, n_body_kinds> shares;  // cumulated, the last 1
    double axis_log_std;
    std::array<double, 2> rod_aspect;
    std::vector<SolidKind> solids;
    double roughness;
    float rough_thickness;  // of plates; 0: domes
    double contrast;
    double contrast_log_std;
    double ramp_std;
    double texture_rms;
    double texture_length;
    // Videos: a frame's steps.
    double step;
    std::array<double, 2> flow;
    double stage_step;
    double growth;
    bool coalescing;
    double births;
    double death;
    double blinking;

    /// Whether anything moves, comes or goes from frame to frame.
    [[nodiscard]] bool moves() const;
};

/// Blocks of Purpose::field.
enum FieldBlock : std::uint32_t {
    choices_block = 0,  // dose; the lattice's turn; its place
    ramp_block = 1,
    number_block = 64,  // of bodies: one word for each 16 of the mean
    parent_number_block = 1024,
    parent_block = 4096,  // + parent
};

/// Blocks of Purpose::body, of each body.
inline constexpr std::uint32_t blocks_per_body = 64;
enum BodyBlock : std::uint32_t {
    kind_block = 0,       // kind, size (two words), azimuth
    axes_block = 1,       // two normals, aspect, solid
    turn_block = 2,       // a turn in space
    harmonics_block = 3,  // two harmonics to a block: 3 ... 10, one normal each for cosine and sine
    contrast_block = 11,
    place_block = 16,  // two attempts to a block: 16 ... 31
};
inline constexpr int most_attempts = 32;

inline constexpr int waves_of_texture = 24;
inline constexpr std::uint32_t drift_block = 0xFFFF;
inline constexpr std::uint32_t frame_block = 0xFFFFFF;

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

/// Reads a scene of the kind "field", less its kind and version. Throws std::invalid_argument.
FieldPlan read_field(wire::Fields& scene);

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

/// Two independent normals from two random words.
std::array<double, 2> two_normals(std::uint32_t radius_word, std::uint32_t angle_word);

/// Uniform in (0, 1).
inline double uniform_of(std::uint32_t word) {
    return (word + 0.5) * 0x1p-32;
}

inline constexpr float smallest_rough_distance = 0.3F;

}  // namespace nanotilt
