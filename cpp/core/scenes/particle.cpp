#include "particle.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

#include "../base/elementary.hpp"
#include "../program/recipe_limits.hpp"
#include "../wire/fields.hpp"

namespace nanotilt {
namespace {

constexpr int fewest_corners = 3;

FeaturePlan read_feature(const wire::Value& value, const wire::Place& place) {
    wire::Fields in(value, place);
    FeaturePlan f{};
    f.kind = static_cast<FeatureKind>(in.choice("kind", {"hole", "spiral"}));
    f.density = in.real("density");
    f.max_offset = in.not_negative("max_offset");
    f.radius = in.positive_normal("radius", "radius_std");
    if (f.kind == FeatureKind::spiral) {
        f.straightness = in.positive_normal("straightness", "straightness_std");
        f.widening = in.normal("widening", "widening_std");
        f.max_thickness = in.normal("max_thickness", "max_thickness_std");
        f.clockwise = in.choice("turn", {"anticlockwise", "clockwise"}) == 1;
    }
    in.expect_no_more();
    return f;
}

// A hole keeps the outline's corner spacing, so that its corner count depends on what is drawn. Five standard deviations of both
// radii bound it; beyond, the ring has this many corners.
int hole_corner_capacity(const FeaturePlan& hole, const ParticlePlan& particle) {
    const double mean = particle.radius.mean;
    const double smallest_outline = std::max(mean - 5.0 * particle.radius.std, 0.25 * mean);
    const double largest_hole = static_cast<double>(hole.radius.mean) + 5.0 * hole.radius.std;
    const double corners = std::ceil(particle.n_corners * largest_hole / smallest_outline);
    const double most = 4.0 * particle.n_corners;
    return corners > 3.0 ? static_cast<int>(corners < most ? corners : most) : 3;  // 3 also for what is no number
}

// Corners of one ring more. Each has 4 * 2^20 at most, so that no sum comes near the limit of an int.
int counted(int corners, int more) {
    if (corners + more > particle_corners_limit) {
        throw std::invalid_argument(
            "recipe: a particle must have <= 2**20 corners in all its rings: its n_corners, or the number of its features, is too "
            "large");
    }
    return corners + more;
}

// Gives every normal its place, and every buffer its size.
void lay_out(ParticlePlan& p, int n_views) {
    int normals = 3;
    for (FeaturePlan& f : p.features) {
        f.parameter_normals = normals;
        normals += 4;
    }
    p.roughness_normals = normals;
    normals += p.n_corners;
    int corners = p.n_corners;
    int points = padded(p.n_corners + 1);
    for (FeaturePlan& f : p.features) {
        f.roughness_normals = normals;
        if (f.kind == FeatureKind::hole) {
            f.corner_capacity = hole_corner_capacity(f, p);
            normals += f.corner_capacity;
        } else {
            f.corner_capacity = 2 * (p.n_corners + 1);  // inner and outer edge, n_corners steps each
        }
        corners = counted(corners, f.corner_capacity);
        points += padded(f.corner_capacity + 1);
    }
    p.view_normals = normals;
    normals += 2 * n_views;
    p.n_normal_groups = (normals + normals_per_group - 1) / normals_per_group;
    p.n_points = points;
}

// Whether no two edges meet other than at the corner that they share. Edges on one line that have no point in common, as in the
// S and the T, keep apart; with `line_meets` they count as meeting, which the even-odd rule gets right, too.
bool edges_keep_apart(const std::vector<float>& x, const std::vector<float>& y, int n, bool line_meets) {
    const auto at = [](const std::vector<float>& values, int i) {
        return static_cast<double>(values[static_cast<std::size_t>(i)]);
    };
    const auto side = [&](int a, int b, int c) {
        const double turn = (at(x, b) - at(x, a)) * (at(y, c) - at(y, a)) - (at(y, b) - at(y, a)) * (at(x, c) - at(x, a));
        return turn > 0.0 ? 1 : (turn < 0.0 ? -1 : 0);
    };
    const auto overlap = [&](const std::vector<float>& values, int a, int b, int c, int d) {
        return std::min(at(values, a), at(values, b)) <= std::max(at(values, c), at(values, d)) &&
               std::min(at(values, c), at(values, d)) <= std::max(at(values, a), at(values, b));
    };
    for (int i = 0; i < n; ++i) {
        for (int j = i + 2; j < n - (i == 0 ? 1 : 0); ++j) {
            const int i1 = i + 1;
            const int j1 = (j + 1) % n;
            // A corner on another edge counts as a meeting; the even-odd rule is right there, too.
            if (side(i, i1, j) * side(i, i1, j1) <= 0 && side(j, j1, i) * side(j, j1, i1) <= 0 &&
                (line_meets || (overlap(x, i, i1, j, j1) && overlap(y, i, i1, j, j1)))) {
                return false;
            }
        }
    }
    return true;
}

void read_features(wire::Fields& scene, ParticlePlan& particle, ParticleTables& tables) {
    const wire::List features = scene.list("features", 0, features_of_class_limit);
    tables.n_features = total_of(tables.n_features, static_cast<int>(features.size()), features_limit, "features");
    particle.features.reserve(features.size());
    features.for_each(
        [&](const wire::Value& value, const wire::Place& place) { particle.features.push_back(read_feature(value, place)); });
}

void read_placing(wire::Fields& outline, ParticlePlan& p) {
    const std::array<float, 2> centre = outline.pair("centre");
    const std::array<float, 2> centre_std = outline.pair("centre_std");
    if (!(centre_std[0] >= 0.0F) || !(centre_std[1] >= 0.0F)) {
        wire::refuse(outline.place("centre_std"), "two numbers >= 0", "another one");
    }
    p.centre_x = {centre[0], centre_std[0]};
    p.centre_y = {centre[1], centre_std[1]};
}

void read_corners(PolygonPlan& p, const wire::List& corners) {
    const std::size_t room = static_cast<std::size_t>(padded(static_cast<int>(corners.size())));
    p.x.resize(room, 0.0F);
    p.y.resize(room, 0.0F);
    corners.for_each([&](const wire::Value& value, const wire::Place& place) {
        const auto i = static_cast<std::size_t>(place.index);
        wire::List(value, place, 2, 2).for_each([&](const wire::Value& coordinate, const wire::Place& at) {
            (at.index == 0 ? p.x : p.y)[i] = wire::real_at(coordinate, at);
        });
    });
}

void set_directions(ParticlePlan& particle, ParticleTables& tables) {
    const int n = particle.n_corners;
    auto found = tables.directions.find(n);
    if (found == tables.directions.end()) {
        tables.n_directions = total_of(tables.n_directions, n, directions_limit, "corners, each different n_corners counted once");
        CornerDirections directions;
        directions.sin.reserve(static_cast<std::size_t>(padded(n)));
        directions.cos.reserve(static_cast<std::size_t>(padded(n)));
        for (int i = 0; i < padded(n); ++i) {
            const SinCosDouble at = sincos_double(2.0 * pi * i / n);
            directions.sin.push_back(static_cast<float>(at.sin));
            directions.cos.push_back(static_cast<float>(at.cos));
        }
        found = tables.directions.emplace(n, std::move(directions)).first;
    }
    particle.corner_sin = found->second.sin.data();
    particle.corner_cos = found->second.cos.data();
}

// Positive if corners run anticlockwise.
double doubled_area(const PolygonPlan& p, int n) {
    double sum = 0.0;
    for (int i = 0; i < n; ++i) {
        const auto a = static_cast<std::size_t>(i);
        const auto b = static_cast<std::size_t>((i + 1) % n);
        sum += static_cast<double>(p.x[a]) * p.y[b] - static_cast<double>(p.x[b]) * p.y[a];
    }
    return sum;
}

}  // namespace

int total_of(int so_far, int more, int limit, const char* what) {
    if (more > limit - so_far) {
        throw std::invalid_argument(std::string("recipe: all classes together have more than ") + std::to_string(limit) + " " +
                                    what);
    }
    return so_far + more;
}

int ParticlePlan::max_ring_corners() const {
    if (scene) {
        return scene->needs().max_ring_corners;
    }
    int most = n_corners;
    for (const FeaturePlan& f : features) {
        most = std::max(most, f.corner_capacity);
    }
    return most;
}

ParticlePlan read_particle(wire::Fields& scene, ParticleTables& tables) {
    ParticlePlan p{};
    wire::Fields outline(scene.value("outline"), scene.place("outline"));
    p.radius = outline.positive_normal("radius", "radius_std");
    p.roughness = outline.not_negative("roughness");
    p.n_corners = outline.integer("n_corners", fewest_corners, particle_corners_limit);
    read_placing(outline, p);
    outline.expect_no_more();
    read_features(scene, p, tables);
    lay_out(p, tables.n_views);
    set_directions(p, tables);
    return p;
}

ParticlePlan read_polygon(wire::Fields& scene, ParticleTables& tables) {
    ParticlePlan p{};
    p.radius = scene.positive_normal("size", "size_std");
    read_placing(scene, p);
    PolygonPlan& polygon = p.polygon.emplace();
    polygon.lowest_turn_rad = static_cast<float>(scene.within("lowest_turn_rad", -angle_limit, angle_limit));
    polygon.turn_range_rad =
        static_cast<float>(scene.within("highest_turn_rad", -angle_limit, angle_limit)) - polygon.lowest_turn_rad;
    const wire::List corners = scene.list("corners", fewest_corners, camera_corner_limit);
    p.n_corners = static_cast<int>(corners.size());
    tables.n_polygon_corners = total_of(tables.n_polygon_corners, p.n_corners, polygon_corners_limit, "corners of polygons");
    read_corners(polygon, corners);
    polygon.orientation = doubled_area(polygon, p.n_corners) > 0.0 ? -1.0F : 1.0F;
    // Detectors had this before the S and the T were known to be simple, and their bits must not move.
    polygon.simple = edges_keep_apart(polygon.x, polygon.y, p.n_corners, !tables.seen_by_camera);
    lay_out(p, tables.n_views);
    return p;
}

}  // namespace nanotilt
