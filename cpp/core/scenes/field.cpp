#include "field.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "../base/elementary.hpp"
#include "../program/recipe_limits.hpp"
#include "../wire/fields.hpp"

namespace nanotilt {
namespace {

constexpr double largest_length = 1e6;
constexpr double largest_log_std = 3.0;

/// The rotation of a uniformly distributed quaternion (Shoemake 1992).
std::array<std::array<double, 3>, 3> random_rotation(const PhiloxWords& words) {
    const double share = uniform_of(words.w[0]);
    const SinCosDouble p = sincos_double(2.0 * pi * uniform_of(words.w[1]));
    const SinCosDouble q = sincos_double(2.0 * pi * uniform_of(words.w[2]));
    const double s = std::sqrt(1.0 - share);
    const double t = std::sqrt(share);
    const double x = s * p.sin;
    const double y = s * p.cos;
    const double z = t * q.sin;
    const double w = t * q.cos;
    return {{{1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - z * w), 2.0 * (x * z + y * w)},
             {2.0 * (x * y + z * w), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - x * w)},
             {2.0 * (x * z - y * w), 2.0 * (y * z + x * w), 1.0 - 2.0 * (x * x + y * y)}}};
}

void shape_ellipsoid(double radius, const std::array<double, 3>& factors, const PhiloxWords& turn, Body& body) {
    const auto m = random_rotation(turn);
    double xx = 0.0;
    double xy = 0.0;
    double xz = 0.0;
    double yy = 0.0;
    double yz = 0.0;
    double zz = 0.0;
    double volume = 4.0 / 3.0 * pi;
    for (std::size_t a = 0; a < 3; ++a) {
        const double axis = radius * factors[a];
        volume *= axis;
        const double weight = 1.0 / (axis * axis);
        xx += weight * m[0][a] * m[0][a];
        xy += weight * m[0][a] * m[1][a];
        xz += weight * m[0][a] * m[2][a];
        yy += weight * m[1][a] * m[1][a];
        yz += weight * m[1][a] * m[2][a];
        zz += weight * m[2][a] * m[2][a];
    }
    body.ellipsoid = {static_cast<float>(xx - xz * xz / zz), static_cast<float>(xy - xz * yz / zz),
                      static_cast<float>(yy - yz * yz / zz), static_cast<float>(2.0 / std::sqrt(zz))};
    body.volume = static_cast<float>(volume);
}

void shape_polyhedron(double radius, const Solid& solid, const PhiloxWords& turn, Body& body) {
    const auto m = random_rotation(turn);
    const auto turned = [&m](const std::array<double, 3>& v, std::size_t row) {
        return m[row][0] * v[0] + m[row][1] * v[1] + m[row][2] * v[2];
    };
    auto& shape = body.polyhedron;
    shape.n_edges = shape.n_upper = shape.n_lower = 0;
    std::array<bool, most_facets> upper{};
    for (std::size_t i = 0; i < solid.facets.size(); ++i) {
        const Solid::Facet& facet = solid.facets[i];
        const double z = turned(facet.normal, 2);
        upper[i] = z >= 0.0;
        if (std::fabs(z) < 1e-4) {
            continue;  // it stands upright, and the outline says all of it
        }
        auto& to = z > 0.0 ? shape.upper : shape.lower;
        const int at = z > 0.0 ? shape.n_upper++ : shape.n_lower++;
        to[0][at] = static_cast<float>(radius * facet.distance / z);
        to[1][at] = static_cast<float>(-turned(facet.normal, 0) / z);
        to[2][at] = static_cast<float>(-turned(facet.normal, 1) / z);
    }
    for (const Solid::Edge& edge : solid.edges) {
        if (upper[static_cast<std::size_t>(edge.facet[0])] == upper[static_cast<std::size_t>(edge.facet[1])]) {
            continue;  // not between what is seen from above and what is not
        }
        const auto& first = solid.corners[static_cast<std::size_t>(edge.corner[0])];
        const auto& second = solid.corners[static_cast<std::size_t>(edge.corner[1])];
        const double x = radius * turned(first, 0);
        const double y = radius * turned(first, 1);
        const double across = radius * turned(second, 0) - x;
        const double up = radius * turned(second, 1) - y;
        const double distance = up * x - across * y;  // of the line from the middle, times the edge's length; its sign: the side
        if (std::fabs(distance) < 1e-6 * radius * radius) {
            continue;  // seen end on
        }
        shape.edge[0][shape.n_edges] = static_cast<float>(up / distance);
        shape.edge[1][shape.n_edges] = static_cast<float>(-across / distance);
        ++shape.n_edges;
    }
    body.volume = static_cast<float>(4.0 / 3.0 * pi * radius * radius * radius);
}

void shape_rough(const FieldPlan& field, const StreamPosition& at, std::uint32_t first_block, Body& body) {
    for (int k = 0; k < n_harmonics; ++k) {
        const PhiloxWords words = random_words(at, Purpose::body, first_block + harmonics_block + static_cast<std::uint32_t>(k));
        const auto [cosine, sine] = two_normals(words.w[0], words.w[1]);
        const double scale = field.roughness / (k + 2);
        body.rough.cosine[k] = static_cast<float>(scale * cosine);
        body.rough.sine[k] = static_cast<float>(scale * sine);
    }
}

/// Cosines and sines of k + 2 turns in each direction.
struct Harmonics {
    float cos[n_harmonics][n_directions];
    float sin[n_harmonics][n_directions];
};

const Harmonics& harmonics() {
    static const Harmonics made = [] {
        Harmonics all{};
        for (int k = 0; k < n_harmonics; ++k) {
            for (int i = 0; i < n_directions; ++i) {
                const SinCosDouble at = sincos_double(2.0 * pi * ((k + 2) * i % n_directions) / n_directions);
                all.cos[k][i] = static_cast<float>(at.cos);
                all.sin[k][i] = static_cast<float>(at.sin);
            }
        }
        return all;
    }();
    return made;
}

/// Corners of a polygon that has the body's hull.
int outline_points(const Body& body, float* x, float* y) {
    const Directions& to = directions();
    for (int i = 0; i < n_directions; ++i) {
        const float distance = body.radius * rough_distance(body, i);
        x[i] = distance * to.cos[i];
        y[i] = distance * to.sin[i];
    }
    return n_directions;
}

/// Where neighbouring lines of a polyhedron's outline meet lies on no more than one of them: the support in a direction is the
/// largest along it of all points at which two of its lines meet and which are outside none.
void support_of_polyhedron(Body& body) {
    const auto& shape = body.polyhedron;
    const Directions& to = directions();
    std::fill(body.support, body.support + n_directions, 0.0F);
    for (int a = 0; a < shape.n_edges; ++a) {
        for (int b = a + 1; b < shape.n_edges; ++b) {
            const float turn = shape.edge[0][a] * shape.edge[1][b] - shape.edge[1][a] * shape.edge[0][b];
            const float x = (shape.edge[1][b] - shape.edge[1][a]) / turn;
            const float y = (shape.edge[0][a] - shape.edge[0][b]) / turn;
            bool on_outline = turn != 0.0F;
            for (int c = 0; c < shape.n_edges && on_outline; ++c) {
                on_outline = shape.edge[0][c] * x + shape.edge[1][c] * y <= 1.0001F;
            }
            if (!on_outline) {
                continue;
            }
            for (int i = 0; i < n_directions; ++i) {
                const float along = x * to.cos[i] + y * to.sin[i];
                body.support[i] = along > body.support[i] ? along : body.support[i];
            }
        }
    }
}

double length_of(wire::Fields& scene, std::string_view name, double least) {
    return scene.within(name, least, largest_length);
}

}  // namespace

bool FieldPlan::moves() const {
    return step > 0.0 || flow[0] != 0.0 || flow[1] != 0.0 || stage_step > 0.0 || growth != 0.0 || coalescing || births > 0.0 ||
           death > 0.0 || blinking > 0.0;
}

std::array<double, 2> two_normals(std::uint32_t radius_word, std::uint32_t angle_word) {
    const double radius = std::sqrt(-2.0 * log_double(uniform_of(radius_word)));
    const SinCosDouble direction = sincos_double(2.0 * pi * uniform_of(angle_word));
    return {radius * direction.cos, radius * direction.sin};
}

const Directions& directions() {
    static const Directions made = [] {
        Directions all{};
        for (int i = 0; i < n_directions; ++i) {
            const SinCosDouble at = sincos_double(2.0 * pi * i / n_directions);
            all.cos[i] = static_cast<float>(at.cos);
            all.sin[i] = static_cast<float>(at.sin);
        }
        return all;
    }();
    return made;
}

int poisson_number(double mean, const StreamPosition& at, std::uint32_t first_block, int most) {
    constexpr double largest_part = 16.0;
    const int n_parts = static_cast<int>(mean / largest_part) + 1;
    const double part = mean / n_parts;
    const double none = exp_double(-part);
    int total = 0;
    for (int i = 0; i < n_parts && total < most; ++i) {
        const auto number = static_cast<std::uint32_t>(i);
        const PhiloxWords words = random_words(at, Purpose::field, first_block + number / 4);
        const double uniform = uniform_of(words.w[number % 4]);
        double term = none;
        double below = none;
        for (int k = 1; below <= uniform && k < 256; ++k) {
            ++total;
            term *= part / k;
            below += term;
        }
    }
    return std::min(total, most);
}

void shape_body(const FieldPlan& field, const StreamPosition& at, std::uint32_t number, Body& body) {
    const std::uint32_t first = number * blocks_per_body;
    const PhiloxWords words = random_words(at, Purpose::body, first + kind_block);
    const PhiloxWords axes = random_words(at, Purpose::body, first + axes_block);
    const double pick = uniform_of(words.w[0]);
    int kind = 0;
    while (kind + 1 < n_body_kinds && pick >= field.shares[static_cast<std::size_t>(kind)]) {
        ++kind;
    }
    const auto [size, first_axis] = two_normals(words.w[1], words.w[2]);
    const double radius = field.radius * exp_double(field.radius_log_std * size);
    body.kind = kind;
    body.id = static_cast<std::int32_t>(number) + 1;
    body.radius = static_cast<float>(radius);
    body.contrast = 1.0F;
    if (field.contrast_log_std > 0.0) {
        const PhiloxWords more = random_words(at, Purpose::body, first + contrast_block);
        body.contrast = static_cast<float>(exp_double(field.contrast_log_std * two_normals(more.w[0], more.w[1])[0]));
    }
    switch (static_cast<BodyKind>(kind)) {
        case BodyKind::ellipsoid: {
            const auto [second, third] = two_normals(axes.w[0], axes.w[1]);
            const double s = field.axis_log_std;
            shape_ellipsoid(radius, {exp_double(s * first_axis), exp_double(s * second), exp_double(s * third)},
                            random_words(at, Purpose::body, first + turn_block), body);
            break;
        }
        case BodyKind::rod: {
            const SinCosDouble azimuth = sincos_double(2.0 * pi * uniform_of(words.w[3]));
            const double aspect = field.rod_aspect[0] + (field.rod_aspect[1] - field.rod_aspect[0]) * uniform_of(axes.w[2]);
            const double thin = 0.7 * radius;
            const double half = thin * (aspect - 1.0);
            body.rod = {static_cast<float>(azimuth.cos), static_cast<float>(azimuth.sin), static_cast<float>(half),
                        static_cast<float>(thin)};
            body.volume = static_cast<float>(pi * thin * thin * (2.0 * half + 4.0 / 3.0 * thin));
            break;
        }
        case BodyKind::polyhedron: {
            const std::uint64_t n = field.solids.size();
            const auto solid = static_cast<std::size_t>(axes.w[3] * n >> 32);
            shape_polyhedron(radius, solid_of(field.solids[solid]), random_words(at, Purpose::body, first + turn_block), body);
            break;
        }
        case BodyKind::rough:
            shape_rough(field, at, first, body);
            break;
    }
    measure_outline(body);
    if (static_cast<BodyKind>(kind) == BodyKind::rough) {
        double area = 0.0;
        for (int i = 0; i < n_directions; ++i) {
            const double distance = radius * static_cast<double>(rough_distance(body, i));
            area += distance * distance * (pi / n_directions);
        }
        const double height = field.rough_thickness > 0.0F ? static_cast<double>(field.rough_thickness) : 4.0 / 3.0 * radius;
        body.volume = static_cast<float>(area * height);
    }
}

float rough_distance(const Body& body, int direction) {
    const Harmonics& known = harmonics();
    float sum = 1.0F;
    for (int k = 0; k < n_harmonics; ++k) {
        sum += body.rough.cosine[k] * known.cos[k][direction] + body.rough.sine[k] * known.sin[k][direction];
    }
    return sum > smallest_rough_distance ? sum : smallest_rough_distance;
}

void measure_outline(Body& body) {
    const Directions& to = directions();
    switch (static_cast<BodyKind>(body.kind)) {
        case BodyKind::ellipsoid: {
            const auto& q = body.ellipsoid;
            const float inverse = 1.0F / (q.xx * q.yy - q.xy * q.xy);
            for (int i = 0; i < n_directions; ++i) {
                const float c = to.cos[i];
                const float s = to.sin[i];
                body.support[i] = std::sqrt((q.yy * c * c - 2.0F * q.xy * c * s + q.xx * s * s) * inverse);
            }
            break;
        }
        case BodyKind::rod:
            for (int i = 0; i < n_directions; ++i) {
                const float along = to.cos[i] * body.rod.x + to.sin[i] * body.rod.y;
                body.support[i] = body.rod.half * std::fabs(along) + body.rod.radius;
            }
            break;
        case BodyKind::polyhedron:
            support_of_polyhedron(body);
            break;
        case BodyKind::rough: {
            alignas(64) float x[n_directions];
            alignas(64) float y[n_directions];
            const int n = outline_points(body, x, y);
            std::fill(body.support, body.support + n_directions, 0.0F);
            for (int j = 0; j < n; ++j) {
                for (int i = 0; i < n_directions; ++i) {
                    const float along = x[j] * to.cos[i] + y[j] * to.sin[i];
                    body.support[i] = along > body.support[i] ? along : body.support[i];
                }
            }
            break;
        }
    }
    // Between two of the directions a corner may reach 1 / cos(half a step) further.
    body.reach = 1.0013F * *std::max_element(body.support, body.support + n_directions);
}

void scale_body(Body& body, double factor) {
    const auto f = static_cast<float>(factor);
    const float cubed = f * f * f;
    body.radius *= f;
    body.reach *= f;
    body.volume *= cubed;
    for (float& distance : body.support) {
        distance *= f;
    }
    switch (static_cast<BodyKind>(body.kind)) {
        case BodyKind::ellipsoid: {
            const float inverse = 1.0F / (f * f);
            body.ellipsoid.xx *= inverse;
            body.ellipsoid.xy *= inverse;
            body.ellipsoid.yy *= inverse;
            body.ellipsoid.thickness *= f;
            break;
        }
        case BodyKind::rod:
            body.rod.half *= f;
            body.rod.radius *= f;
            break;
        case BodyKind::polyhedron: {
            const float inverse = 1.0F / f;
            for (int i = 0; i < body.polyhedron.n_edges; ++i) {
                body.polyhedron.edge[0][i] *= inverse;
                body.polyhedron.edge[1][i] *= inverse;
            }
            for (int i = 0; i < body.polyhedron.n_upper; ++i) {
                body.polyhedron.upper[0][i] *= f;
            }
            for (int i = 0; i < body.polyhedron.n_lower; ++i) {
                body.polyhedron.lower[0][i] *= f;
            }
            break;
        }
        case BodyKind::rough:
            break;  // in units of the radius
    }
}

FieldPlan read_field(wire::Fields& scene) {
    FieldPlan f{};
    f.number = scene.within("number", 0.0, bodies_limit);
    f.max_bodies = scene.integer("max_particles", 1, bodies_limit);
    f.placing = static_cast<Placing>(scene.choice("placing", {"apart", "free", "clusters", "lattice"}));
    f.gap = static_cast<float>(length_of(scene, "gap_px", 0.0));
    f.cluster_size = scene.within("cluster_size", 1.0, bodies_limit);
    f.cluster_spread = length_of(scene, "cluster_spread_px", 0.0);
    f.lattice_jitter = scene.within("lattice_jitter", 0.0, 1.0);
    f.radius = length_of(scene, "radius_px", 0.5);
    f.radius_log_std = scene.within("radius_log_std", 0.0, largest_log_std);
    double total = 0.0;
    constexpr std::array<std::string_view, n_body_kinds> names{"ellipsoids", "rods", "polyhedra", "rough"};
    for (std::size_t kind = 0; kind < names.size(); ++kind) {
        total += scene.within(names[kind], 0.0, 1e6);
        f.shares[kind] = total;
    }
    if (!(total > 0.0)) {
        wire::refuse(scene.place("ellipsoids"), "a share of which one kind of body has more than 0", "0 for all of them");
    }
    for (double& share : f.shares) {
        share /= total;
    }
    f.axis_log_std = scene.within("axis_log_std", 0.0, 1.0);
    const auto aspect = scene.pair("rod_aspect");
    f.rod_aspect = {aspect[0], aspect[1]};
    if (!(aspect[0] >= 1.0F && aspect[0] <= aspect[1] && aspect[1] <= 100.0F)) {
        wire::refuse(scene.place("rod_aspect"), "(least, most) of 1 to 100", "another pair");
    }
    const wire::List solids = scene.list("solids", 1, 64);
    solids.for_each([&](const wire::Value& value, const wire::Place& at) {
        f.solids.push_back(static_cast<SolidKind>(wire::integer_at(value, at, 0, n_solids - 1)));
    });
    f.roughness = scene.within("roughness", 0.0, 1.0);
    f.rough_thickness = static_cast<float>(length_of(scene, "rough_thickness_px", 0.0));
    f.contrast = scene.within("contrast", -100.0, 100.0);
    f.contrast_log_std = scene.within("contrast_log_std", 0.0, largest_log_std);
    f.ramp_std = scene.within("ramp_std", 0.0, 10.0);
    f.texture_rms = scene.within("texture_rms", 0.0, 10.0);
    f.texture_length = length_of(scene, "texture_px", 0.1);
    f.step = length_of(scene, "step_px", 0.0);
    const auto flow = scene.pair("flow_px");
    for (std::size_t axis = 0; axis < 2; ++axis) {
        f.flow[axis] = flow[axis];
        if (!(std::fabs(f.flow[axis]) <= largest_length)) {
            wire::refuse(scene.place("flow_px"), "within -1e6 ... 1e6", std::to_string(f.flow[axis]));
        }
    }
    f.stage_step = length_of(scene, "stage_step_px", 0.0);
    f.growth = scene.within("growth_px3", -1e6, 1e6);
    f.coalescing = scene.boolean("coalescing");
    f.births = scene.within("births", 0.0, 1.0);
    f.death = scene.within("death", 0.0, 1.0);
    f.blinking = scene.within("blinking", 0.0, 1.0);
    // The largest size that a normal of six standard deviations makes is still a number of pixels that can be squared.
    if (f.radius * exp_double(7.0 * f.radius_log_std) > largest_length) {
        wire::refuse(scene.place("radius_log_std"), "so small that radius_px * exp(7 radius_log_std) is <= 1e6",
                     std::to_string(f.radius_log_std));
    }
    return f;
}

}  // namespace nanotilt
