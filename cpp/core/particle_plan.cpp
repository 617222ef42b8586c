#include "particle_plan.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "elementary.hpp"
#include "recipe_limits.hpp"

namespace nanotilt {
namespace {

FeaturePlan read_feature(PackedReader& in) {
    FeaturePlan f{};
    f.kind = static_cast<FeatureKind>(in.integer("feature kind", 0, 1));
    f.density = in.real();
    f.max_offset = in.not_negative("max_offset");
    f.radius = in.positive_normal("a feature's radius");
    // A hole has zeros in their places.
    f.straightness = f.kind == FeatureKind::spiral ? in.positive_normal("straightness") : in.normal("straightness");
    f.widening = in.normal("widening");
    f.max_thickness = in.normal("max_thickness");
    f.clockwise = in.integer("clockwise", 0, 1) != 0;
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
            "packed recipe: a particle must have <= 2**20 corners in all its rings: its n_corners, or the number of its features, "
            "is too large");
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

// The total, if `more` can be added without passing `limit`.
int total_of(int so_far, int more, int limit, const char* what) {
    if (more > limit - so_far) {
        throw std::invalid_argument(std::string("packed recipe: all classes together have more than ") + std::to_string(limit) +
                                    " " + what);
    }
    return so_far + more;
}

constexpr std::size_t numbers_of_feature = 12;

}  // namespace

void ParticleReader::read_features(ParticlePlan& particle, int n_features) {
    n_features_ = total_of(n_features_, n_features, features_limit, "features");
    in_.expect_numbers(numbers_of_feature * static_cast<std::size_t>(n_features));
    particle.features.reserve(static_cast<std::size_t>(n_features));
    for (int i = 0; i < n_features; ++i) {
        particle.features.push_back(read_feature(in_));
    }
}

void ParticleReader::read_polygon(ParticlePlan& particle) {
    const int n = particle.n_corners;
    n_polygon_corners_ = total_of(n_polygon_corners_, n, polygon_corners_limit, "corners of polygons");
    PolygonPlan p{};
    p.lowest_turn_rad = static_cast<float>(in_.within("lowest orientation", -angle_limit, angle_limit));
    p.turn_range_rad = static_cast<float>(in_.within("highest orientation", -angle_limit, angle_limit)) - p.lowest_turn_rad;
    p.x.resize(static_cast<std::size_t>(padded(n)), 0.0F);
    p.y.resize(static_cast<std::size_t>(padded(n)), 0.0F);
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
        p.x[i] = in_.real();
        p.y[i] = in_.real();
    }
    double doubled_area = 0.0;  // positive if corners run anticlockwise
    for (int i = 0; i < n; ++i) {
        const auto a = static_cast<std::size_t>(i);
        const auto b = static_cast<std::size_t>((i + 1) % n);
        doubled_area += static_cast<double>(p.x[a]) * p.y[b] - static_cast<double>(p.x[b]) * p.y[a];
    }
    p.orientation = doubled_area > 0.0 ? -1.0F : 1.0F;
    // Detectors had this before the S and the T were known to be simple, and their bits must not move.
    p.simple = edges_keep_apart(p.x, p.y, n, !plan_.camera);
    particle.polygon = std::move(p);
}

// Classes with as many corners share one table, so that many classes take little memory.
void ParticleReader::set_directions(ParticlePlan& particle) {
    const int n = particle.n_corners;
    auto found = plan_.corner_directions.find(n);
    if (found == plan_.corner_directions.end()) {
        n_directions_ = total_of(n_directions_, n, directions_limit, "corners, each different n_corners counted once");
        CornerDirections directions;
        directions.sin.reserve(static_cast<std::size_t>(padded(n)));
        directions.cos.reserve(static_cast<std::size_t>(padded(n)));
        for (int i = 0; i < padded(n); ++i) {
            const SinCosDouble at = sincos_double(2.0 * pi * i / n);
            directions.sin.push_back(static_cast<float>(at.sin));
            directions.cos.push_back(static_cast<float>(at.cos));
        }
        found = plan_.corner_directions.emplace(n, std::move(directions)).first;
    }
    particle.corner_sin = found->second.sin.data();
    particle.corner_cos = found->second.cos.data();
}

void ParticleReader::read() {
    ParticlePlan p{};
    p.radius = in_.positive_normal("an outline's radius");
    p.roughness = in_.not_negative("roughness");
    const int n = in_.integer("n_corners", -camera_corner_limit, particle_corners_limit);
    const bool is_polygon = n < 0;
    p.n_corners = std::abs(n);
    if (p.n_corners < 3) {
        throw std::invalid_argument("packed recipe: an outline must have 3 corners at least");
    }
    p.centre_x.mean = in_.real();
    p.centre_y.mean = in_.real();
    p.centre_x.std = in_.not_negative("centre_std");
    p.centre_y.std = in_.not_negative("centre_std");
    const int n_features = in_.integer("number of features", 0, is_polygon ? 0 : features_of_class_limit);
    if (is_polygon) {
        read_polygon(p);
    } else {
        read_features(p, n_features);
    }
    lay_out(p, static_cast<int>(plan_.detector.views.size()));
    if (!is_polygon) {
        set_directions(p);
    }
    plan_.max_points = std::max(plan_.max_points, p.n_points);
    plan_.max_particle_normals = std::max(plan_.max_particle_normals, p.n_normal_groups * normals_per_group);
    plan_.max_ring_corners = std::max(plan_.max_ring_corners, p.n_corners);
    for (const FeaturePlan& f : p.features) {
        plan_.max_ring_corners = std::max(plan_.max_ring_corners, f.corner_capacity);
    }
    plan_.max_rings = std::max(plan_.max_rings, static_cast<int>(p.features.size()) + 1);
    plan_.classes.push_back(std::move(p));
}

}  // namespace nanotilt
