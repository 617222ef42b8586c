// What a recipe is to the core: plain structs, tables worked out once, and the order in which Python packs them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "stop.hpp"

namespace nanotilt {

/// Changes whenever the bits of any stream change. The first value of a packed recipe; mirrored in nanotilt.recipe.
inline constexpr int stream_version = 2;

/// Changes whenever the bits of any camera's views change; mirrored in nanotilt.instruments.camera, and part of the digests of
/// recipes with a camera.
inline constexpr int camera_version = 3;

/// Normals come in groups: 16 Philox blocks of 4 words make 64.
inline constexpr int normals_per_group = 64;

/// Longest SIMD vector in floats. Arrays that kernels run over whole vectors of are padded to it.
inline constexpr int lane_count = 16;

inline constexpr int padded(int n) {
    return (n + lane_count - 1) / lane_count * lane_count;
}

/// A normal distribution. Lengths are in units of the mean particle radius, tilts in radians.
struct Normal {
    float mean;
    float std;
};

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
    // Layout, worked out by `plan_from`.
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

struct ParticlePlan {
    Normal radius;  // a polygon's size
    Normal centre_x;
    Normal centre_y;
    float roughness;
    int n_corners;
    std::optional<PolygonPlan> polygon;  // instead of a rough circle
    std::vector<FeaturePlan> features;
    const float* corner_sin;  // of 2 pi i / n_corners, padded; in Plan::corner_directions, none for a polygon
    const float* corner_cos;
    // Layout of the normals of Purpose::particle: radius, centre x, centre y; four per feature; the outline's corner radii;
    // each hole's corner radii; last, so that no detector setting moves a particle, shift and tilt of each view.
    int roughness_normals;
    int view_normals;
    int n_normal_groups;
    int n_points;  // most ring points, closing points counted, padded
};

struct ViewAngle {
    float angle_rad;
    float sin;
    float cos;
};

enum class Sampling { ray = 0, bin = 1 };

/// How Poisson counts are drawn: counting.hpp, or kernels/counting.hpp.
enum class Counting { exact = 0, fast = 1 };

struct DetectorPlan {
    int n_bins;  // of a camera: values of a view
    float lower;
    float bins_per_length;  // 1 / distance of neighbouring rays
    float shift_std;
    std::vector<ViewAngle> views;
    float angle_std_rad;
    float about_x;
    float about_y;
    float background;
    float noise;
    double dose;  // 0: no counting noise
    Counting counting;
    Sampling sampling;
    bool centring;
    double least_mass;  // of a view's signal, for it to be centred: what noise alone hardly ever has
    // view = (value - normalise_offset) * normalise_scale
    float normalise_offset;
    float normalise_scale;
    std::vector<float> blur_weights;  // centre, then outwards; one entry: no blur
    int n_noise_groups;
};

enum class NoiseKind { none = 0, uniform = 1, gaussian = 2, poisson = 3 };

/// What a camera has beside angles, background, blur and normalisation, which are in DetectorPlan.
struct CameraPlan {
    int n_pixels;
    double pixels_per_length;
    int samples_per_side;  // as in PixelGrid
    bool projected;        // a view is the sum of an image's rows
    NoiseKind noise;
    double noise_level;
    Counting counting;
    bool remove_background;
    bool centring;
    struct Turn {
        double sin;
        double cos;
    };
    std::vector<Turn> turns;  // of each view
    /// Rows of a view.
    [[nodiscard]] int n_rows() const { return projected ? 1 : n_pixels; }
};

/// Spreads the classes evenly over the stream: see `Plan::label_of`.
struct ClassSchedule {
    std::uint32_t period;                  // samples per block
    bool equal;                            // equal weights: every block holds every class once
    std::vector<std::uint32_t> fractions;  // node k: share of class k among classes k, k+1, ... in 2^-32
    std::vector<bool> certain;             // node k takes all that reach it
};

/// Sines and cosines of a regular polygon's corners.
struct CornerDirections {
    std::vector<float> sin;
    std::vector<float> cos;
};

struct Plan {
    ClassSchedule schedule;
    DetectorPlan detector;
    std::optional<CameraPlan> camera;  // instead of a line of bins
    std::vector<ParticlePlan> classes;
    std::map<int, CornerDirections> corner_directions;  // by number of corners, shared by all classes
    int max_points;
    int max_particle_normals;
    int max_ring_corners;
    int max_rings;
};

/// Reads a packed recipe: little-endian doubles in this order (integers, flags and enumerations as doubles too).
///
///   stream_version, n_bins, lower, upper, shift_std, about_x, about_y, background, blur_sigma_px, noise, dose (0: off, below 0:
///   -dose, counted fast), sampling, centring, normalise low, normalise high, angle_std_rad, n_views, angle_rad of each view,
/// A camera has, in place of all from n_bins on:
///   -n_pixels, camera_version, field_of_view, samples_per_side, projected, background, blur_sigma_px, noise kind, noise_level,
///   counting, remove_background, centring, normalise low, normalise high, n_views, angle_rad of each view.
/// Then:
///   n_classes, weight of each class, then for each class:
///     radius, radius_std, roughness, n_corners, centre_x, centre_y, centre_std_x, centre_std_y, n_features, then for each feature:
///       kind, density, max_offset, radius, radius_std, straightness, straightness_std, widening, widening_std,
///       max_thickness, max_thickness_std, clockwise
/// A polygon has -n for n_corners, and after n_features, which is 0: lowest and highest orientation_rad, x and y of each corner at
/// size 1.
///
/// Python has validated the values and words errors for users. Here the bytes count as hostile: every value is checked as the core
/// uses it, which is after rounding to float for most, and every size before memory is taken (recipe_limits.hpp). Throws
/// std::invalid_argument, or Stopped.
std::unique_ptr<const Plan> unpack_plan(std::string_view packed, const Stop& stop = never);

}  // namespace nanotilt
