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

/// Reads a scene of the kind "field", less its kind and version. Throws std::invalid_argument.
FieldPlan read_field(wire::Fields& scene);

}  // namespace nanotilt
