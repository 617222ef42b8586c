#include "bodies.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "../base/elementary.hpp"

namespace nanotilt {
namespace {

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

}  // namespace

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

}  // namespace nanotilt
