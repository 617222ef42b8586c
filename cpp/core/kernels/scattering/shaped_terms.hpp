// Terms that are not the same in all directions: distorted lattices, rings of spots, mesostructures.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../../base/elementary.hpp"
#include "../../scenes/scattering/draws.hpp"
#include "profiles.hpp"
#include "scratch.hpp"
#include "terms.hpp"

namespace nanotilt {
namespace {

/// Places of a distorted table: steps of the largest distorted q over their number.
inline double distorted_step(const AreaPlan& area, double stretch) {
    const auto furthest = static_cast<double>(q_entries(area)[area.n_table - 1]);
    return furthest * (stretch > 1.0 ? stretch : 1.0) / (distorted_entries - 1);
}

/// Adds a Gaussian over distorted q, what a pixel adds to its variance averaged over directions.
inline void add_distorted_ring(const AreaPlan& area, double stretch, double q0, double dq, double height, float* __restrict table) {
    const double step = distorted_step(area, stretch);
    const double pixel = area.k * area.tangent;
    const double std = std::sqrt(dq * dq + pixel * pixel * (1.0 + stretch * stretch) / 24.0);
    const double from = (q0 - ring_reach * std) / step;
    const double to = (q0 + ring_reach * std) / step + 1.0;
    const auto begin = static_cast<std::ptrdiff_t>(from > 0.0 ? from : 0.0);
    const auto end = static_cast<std::ptrdiff_t>(to < distorted_entries ? to : distorted_entries);
    const auto scale = static_cast<float>(height * dq / std);
    const auto middle = static_cast<float>(q0 / std);
    const auto stride = static_cast<float>(step / std);
    for (std::ptrdiff_t i = begin; i < end; ++i) {
        const float z = static_cast<float>(static_cast<std::int32_t>(i)) * stride - middle;
        table[i] += scale * exp_float(-0.5F * (z * z));
    }
}

template <class Profile>
inline void add_distorted_profile(const AreaPlan& area, double stretch, const Profile& profile, float* __restrict table) {
    const auto step = static_cast<float>(distorted_step(area, stretch));
    for (std::int32_t i = 0; i < distorted_entries; ++i) {
        table[i] += profile(static_cast<float>(i) * step);
    }
}

inline DistortedLayer layer_of(const AreaPlan& area, double stretch, const float* table) {
    return {table, nullptr, nullptr, static_cast<float>(stretch * stretch),
            static_cast<float>(1.0 / distorted_step(area, stretch))};
}

inline void add_distorted_lattice(Terms& terms, const DrawnPart& part) {
    const AreaPlan& area = terms.area;
    const LatticePeaks& peaks = lattice_peaks(part.lattice);
    const LatticeProfile profile = lattice_profile(part);
    ScatterTerm& term = terms.add(TermShape::distorted, part.kind);
    float* const all = terms.distorted();
    float* const others = terms.distorted();
    add_distorted_ring(area, part.stretch, peaks.x[0] * part.q0, part.dq, peaks.weight[0], all);
    for (int h = 1; h < peaks.n; ++h) {
        const auto peak = static_cast<std::size_t>(h);
        add_distorted_ring(area, part.stretch, peaks.x[peak] * part.q0, part.dq, peaks.weight[peak], others);
    }
    const auto scale = static_cast<float>(part.amplitude * area.counts / largest_of_lattice(part, peaks, false));
    const auto step = static_cast<float>(distorted_step(area, part.stretch));
    for (std::int32_t i = 0; i < distorted_entries; ++i) {
        const float q = static_cast<float>(i) * step;
        const float of_order = scale * (part.form_stays ? profile.of_orders_alone(q) : profile.of_orders(q));
        others[i] *= of_order;
        all[i] = all[i] * of_order + others[i];
    }
    term.layers[0] = layer_of(area, part.stretch, all);
    term.layers[0].others = others;
    if (part.form_stays) {
        float* const form = terms.table();
        add_profile(area, [=](float q) { return sphere_form(q * profile.radius); }, terms.s.raw, form);
        term.layers[0].form = form;
    }
    term.n_layers = 1;
    set_direction(term, 2, part.chi);
}

/// The sum of a ring's spots at each entry of the table over directions; a spot is a Poisson kernel over m times the angle.
inline float write_directions(const AreaPlan& area, const DrawnPart& part, std::size_t ring, float* __restrict table) {
    const double eta = part.eta;
    const auto numerator = static_cast<float>(1.0 - eta * eta);
    const auto constant = static_cast<float>(1.0 + eta * eta);
    const auto twice = static_cast<float>(2.0 * eta);
    const float* __restrict cosine = area.spot_cos.data();
    const float* __restrict sine = area.spot_sin.data();
    std::memset(table, 0, (spot_entries + lane_count) * sizeof(float));
    double total = 0.0;
    for (int j = 0; j < part.n_spots[ring]; ++j) {
        const auto spot = static_cast<std::size_t>(j);
        const SinCosDouble turned = sincos_double(part.m * part.spot_chi[ring][spot]);
        const auto of_cos = static_cast<float>(turned.cos) * twice;
        const auto of_sin = static_cast<float>(turned.sin) * twice;
        const auto share = static_cast<float>(part.spot_share[ring][spot]) * numerator;
        total += part.spot_share[ring][spot];
        for (int i = 0; i < spot_entries + lane_count; ++i) {
            table[i] += share / (constant - (of_cos * cosine[i] + of_sin * sine[i]));
        }
    }
    return static_cast<float>(total);
}

inline void add_speckled_rings(Terms& terms, const DrawnPart& part) {
    const AreaPlan& area = terms.area;
    ScatterTerm& term = terms.add(TermShape::spots, part.kind);
    term.m = part.m;
    for (int i = 0; i < part.n_rings; ++i) {
        const auto number = static_cast<std::size_t>(i);
        SpottedRing& ring = term.rings[term.n_rings];
        float* const radial = terms.table();
        const double height = part.amplitude * area.counts * part.ring_share[number];
        const Entries entries = add_ring(area, part.ring_q[number], part.dq, height, radial);
        if (entries.begin >= area.n_table - 1) {
            --terms.n_tables;
            continue;
        }
        ring.radial = radial;
        ring.lo = static_cast<float>(entries.begin) / table_steps;
        ring.hi = static_cast<float>(entries.end) / table_steps;
        ring.directions = terms.s.directions + static_cast<std::ptrdiff_t>(terms.n_directions++) * (spot_entries + lane_count);
        ring.mean = write_directions(area, part, number, ring.directions);
        ring.higher = i > 0;
        ++term.n_rings;
    }
}

inline void add_mesostructure(Terms& terms, const DrawnPart& part, int number) {
    constexpr double box = 1000.0;
    constexpr double sphere = 10.0;
    constexpr double spacing = 25.0;
    constexpr double window = 1.0 / 8.0;  // of the box: standard deviation of the Gaussian
    constexpr double reach = 3.4;
    const AreaPlan& area = terms.area;
    ScatterTerm& term = terms.add(TermShape::mesostructure, part.kind);
    float* const table = terms.table();
    // Steps of the transform over q.
    const double of_q = 1.0 / (reference_q * part.zoom);
    const auto width = static_cast<float>(box * window);
    const auto middle = static_cast<float>(box * window / 2.0);
    const auto per_q = static_cast<float>(of_q);
    const auto turn = static_cast<float>(2.0 * pi / box * sphere);
    const auto far = static_cast<float>(reach * box * window);
    const auto shape = [=](float q) {
        const float u = q * per_q;
        const float z = u / width;
        const float value = sphere_form(turn * u) * exp_float(-0.5F * (z * z)) * (1.0F - exp_float(-u / middle));
        return u < far ? value : 0.0F;
    };
    float largest = 0.0F;
    for (int i = 0; i < 256; ++i) {
        const float value = shape(static_cast<float>(i) * static_cast<float>(box * window / 128.0 / of_q));
        largest = value > largest ? value : largest;
    }
    constexpr double all_spheres2 = 729.0;
    const double turns = part.n_rings > 1 ? 0.05 * part.n_rings : 0.5;
    const double height =
        part.amplitude * area.counts / (static_cast<double>(largest) * all_spheres2 * (turns > 0.5 ? turns : 0.5));
    const auto scale = static_cast<float>(height);
    add_profile(area, [=](float q) { return scale * shape(q); }, terms.s.raw, table);
    term.table = table;
    term.hi = static_cast<float>(area.radius_of(reach * box * window / of_q) + 1.0);
    term.n_turns = part.n_rings;
    term.turns = terms.s.turns + static_cast<std::ptrdiff_t>(6 * terms.n_turns);
    terms.n_turns += part.n_rings;
    const double per_pixel = area.k * area.tangent * of_q * spacing / box;
    for (int i = 0; i < part.n_rings; ++i) {
        const Turn axes = draw_turn(terms.at, number, i);
        for (int axis = 0; axis < 3; ++axis) {
            for (int along = 0; along < 2; ++along) {
                term.turns[6 * i + 2 * axis + along] =
                    static_cast<float>(per_pixel * axes[static_cast<std::size_t>(axis)][static_cast<std::size_t>(along)]);
            }
        }
    }
}

}  // namespace
}  // namespace nanotilt
