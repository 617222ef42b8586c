// Particles: an outline, rough or a polygon, and features inside. What they are drawn from, and the readers of both kinds.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "../base/layout.hpp"
#include "../base/normal.hpp"
#include "field.hpp"
#include "lattices/lattice.hpp"
#include "scattering/scattering.hpp"
#include "scene.hpp"

namespace nanotilt {

namespace wire {
class Fields;
}

enum class FeatureKind { hole = 0, spiral = 1 };

struct FeaturePlan {
    FeatureKind kind;
    float density;
    float max_offset;
    Normal radius;
    // Spirals only (Sullivan 2020, table 4: s_s, s_t, s_t_max).
    Normal straightness;
    Normal widening;
    Normal max_thickness;
    bool clockwise;
    // Layout, worked out by the reader.
    int corner_capacity;    // most corners that the feature's ring may have
    int parameter_normals;  // where its four normals begin: radius, straightness, widening, max_thickness
    int roughness_normals;  // where a hole's corner radii begin
};

/// An outline of fixed corners, which is scaled, turned and placed.
struct PolygonPlan {
    std::vector<float> x;  // at size 1, padded
    std::vector<float> y;
    float lowest_turn_rad;  // the outline is turned clockwise by an angle uniform in [lowest, lowest + range)
    float turn_range_rad;
    float orientation;  // +1: corners run clockwise, -1: anticlockwise (y upwards)
    bool simple;        // edges don't cross
};

/// One class of a recipe: a particle, or another scene.
struct ParticlePlan {
    std::unique_ptr<const Scene> scene;        // instead of a particle, all of whose fields are 0 then, but for the layout below
    std::optional<FieldPlan> field;            // instead of a particle, too
    std::optional<LatticePlan> lattice;        // likewise
    std::optional<ScatteringPlan> scattering;  // likewise
    const std::vector<std::array<int, 2>>* waves;  // of a lattice: those that its instrument sees; in ParticleTables
    std::vector<int> truth_slots;                  // which of Plan::truths each of the scene's is; -1: none
    std::vector<std::size_t> truth_bytes;          // of a field: what one frame of each of its truths takes
    Normal radius;                                 // a polygon's size
    Normal centre_x;
    Normal centre_y;
    float roughness;
    int n_corners;
    std::optional<PolygonPlan> polygon;  // instead of a rough circle
    std::vector<FeaturePlan> features;
    const float* corner_sin;  // of 2 pi i / n_corners, padded; in ParticleTables::directions, none for a polygon
    const float* corner_cos;
    // Layout of the normals of Purpose::particle: radius, centre x, centre y; four per feature; the outline's corner radii;
    // each hole's corner radii; last, so that no detector setting moves a particle, shift and tilt of each view.
    int roughness_normals;
    int view_normals;
    int n_normal_groups;
    int n_points;  // most ring points, closing points counted, padded

    /// Most corners of any ring.
    [[nodiscard]] int max_ring_corners() const;
};

/// Sines and cosines of a regular polygon's corners.
struct CornerDirections {
    std::vector<float> sin;
    std::vector<float> cos;
};

/// What the scenes of a recipe have in common while they are read: tables that they share, so that many classes take little memory,
/// and how much of it all together ask for.
struct ParticleTables {
    int n_views;
    bool seen_by_camera;
    std::map<int, CornerDirections> directions;  // by number of corners
    int n_features = 0;
    int n_polygon_corners = 0;
    int n_directions = 0;
    std::map<double, std::vector<std::array<int, 2>>> crystal_waves;  // by lattice constant
    int n_defect_kinds = 0;
    int n_crystal_waves = 0;
};

/// The total, if `more` can be added without passing `limit`. Throws std::invalid_argument, with `what` there is too much of.
int total_of(int so_far, int more, int limit, const char* what);

/// Read a scene of the kinds "particle" and "polygon", less its kind and version. Throw std::invalid_argument where it is
/// malformed, or where all scenes so far ask for more memory than recipe_limits.hpp allows.
ParticlePlan read_particle(wire::Fields& scene, ParticleTables& tables);
ParticlePlan read_polygon(wire::Fields& scene, ParticleTables& tables);

}  // namespace nanotilt
