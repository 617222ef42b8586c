// How far outlines reach in 64 directions, and bodies made larger or smaller.
#include <algorithm>
#include <cmath>

#include "../base/elementary.hpp"
#include "bodies.hpp"

namespace nanotilt {
namespace {

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

}  // namespace

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

}  // namespace nanotilt
