// What adds to an image, made ready for its rows: tables over the radius and over directions.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../../base/elementary.hpp"
#include "../../scenes/scattering/draws.hpp"
#include "profiles.hpp"
#include "scratch.hpp"

namespace nanotilt {
namespace {

/// Terms, and what of the scratch memory is free.
struct Terms {
    const AreaPlan& area;
    const StreamPosition& at;
    ScatteringScratch& s;
    int n = 0;
    int n_tables = 0;
    int n_distorted = 0;
    int n_directions = 0;
    int n_grains = 0;
    int n_turns = 0;
    int n_rows = 0;
    float* untagged = nullptr;  // the table of what has no tag

    /// Room for a table, all 0; its first entry.
    float* table() {
        float* const made = s.tables + static_cast<std::ptrdiff_t>(n_tables++) * s.n_table + table_margin;
        clear_table(area, made);
        return made;
    }
    float* distorted() {
        float* const made = s.distorted + static_cast<std::ptrdiff_t>(n_distorted++) * (distorted_entries + lane_count);
        std::memset(made, 0, (distorted_entries + lane_count) * sizeof(float));
        return made;
    }
    float* row() { return s.rows + static_cast<std::ptrdiff_t>(n_rows++) * s.pitch; }

    ScatterTerm& add(TermShape shape, PartKind kind) {
        ScatterTerm& term = s.terms[n++];
        std::memset(static_cast<void*>(&term), 0, sizeof term);
        term.shape = shape;
        term.kind = kind;
        term.hi = 1e9F;
        return term;
    }
    float* without_tag() {
        if (untagged == nullptr) {
            untagged = table();
            add(TermShape::radial, PartKind::spheres).table = untagged;
        }
        return untagged;
    }
};

/// Radii, in pixels, that a table's entries reach.
inline void set_reach(ScatterTerm& term, Entries entries) {
    term.lo = static_cast<float>(entries.begin) / table_steps;
    term.hi = static_cast<float>(entries.end) / table_steps;
}

inline void set_direction(ScatterTerm& term, int m, double chi) {
    const SinCosDouble at = sincos_double(m * chi);
    term.m = m;
    term.cos_chi = static_cast<float>(at.cos);
    term.sin_chi = static_cast<float>(at.sin);
}

inline void scale_table(const AreaPlan& area, float scale, float* __restrict table) {
    for (std::ptrdiff_t i = 0; i < area.n_table; ++i) {
        table[i] *= scale;
    }
}

/// A ring or a halo, with grains or without.
inline void add_one_ring(Terms& terms, const DrawnPart& part, int number) {
    const AreaPlan& area = terms.area;
    const bool grains = part.kind == PartKind::coherent_halo;
    ScatterTerm& term = terms.add(grains ? TermShape::grains : TermShape::fold, part.kind);
    float* const table = terms.table();
    const Entries entries = add_ring(area, part.q0, part.dq, part.amplitude * area.counts, table);
    if (part.kind != PartKind::ring) {
        const auto s2 = static_cast<float>(part.s * part.s);
        const float* q = q_entries(area);
        for (std::ptrdiff_t i = entries.begin; i < entries.end; ++i) {
            table[i] *= without_small_angles(s2, q[i]);
        }
    }
    term.table = table;
    term.eta = static_cast<float>(part.eta);
    set_reach(term, entries);
    set_direction(term, part.m, part.chi);
    if (grains) {
        term.grains.object = static_cast<std::uint32_t>(number);
        term.grains.per_pixel = 1.0 / (part.grain * area.pixels_per_length);
        term.grains.mean = 10.0F;
        term.grains.std = 7.0F;
    }
}

/// Rings at multiples of q0, each weaker.
inline void add_orders(Terms& terms, const DrawnPart& part) {
    constexpr int most_orders = 24;
    constexpr double least = 1e-7;  // of the first order
    const AreaPlan& area = terms.area;
    ScatterTerm& term = terms.add(TermShape::fold, part.kind);
    float* const all = terms.table();
    float* const others = terms.table();
    const double largest = (1.0 + part.eta) / (1.0 - part.eta);
    const double height = part.amplitude * area.counts / largest;
    const double motion2 = part.s * part.s * part.q0 * part.q0;
    Entries entries = add_ring(area, part.q0, part.dq, height, all);
    for (int i = 2; i <= most_orders; ++i) {
        const double share = exp_double(-motion2 * (i * i - 1.0));
        if (!(share > least)) {
            break;
        }
        const Entries own = add_ring(area, i * part.q0, part.dq, height * share, others);
        entries.end = own.end > entries.end ? own.end : entries.end;
    }
    for (std::ptrdiff_t i = 0; i < area.n_table; ++i) {
        all[i] += others[i];
    }
    term.table = all;
    term.others = others;
    term.eta = static_cast<float>(part.eta);
    set_reach(term, entries);
    set_direction(term, part.m, part.chi);
}

inline void add_spheres(Terms& terms, const DrawnPart& part) {
    const auto radius = static_cast<float>(part.radius);
    const auto height = static_cast<float>(part.amplitude * terms.area.counts);
    add_profile(terms.area, [=](float q) { return height * sphere_form(q * radius); }, terms.s.raw, terms.without_tag());
}

inline void add_lattice(Terms& terms, const DrawnPart& part) {
    const AreaPlan& area = terms.area;
    const LatticePeaks& peaks = lattice_peaks(part.lattice);
    const LatticeProfile profile = lattice_profile(part);
    ScatterTerm& term = terms.add(TermShape::radial, part.kind);
    float* const all = terms.table();
    float* const others = terms.table();
    float* const form = terms.table();
    add_ring(area, peaks.x[0] * part.q0, part.dq, peaks.weight[0], all);
    for (int h = 1; h < peaks.n; ++h) {
        const auto peak = static_cast<std::size_t>(h);
        add_ring(area, peaks.x[peak] * part.q0, part.dq, peaks.weight[peak], others);
    }
    add_profile(area, [=](float q) { return profile.of_orders(q); }, terms.s.raw, form);
    const auto scale = static_cast<float>(part.amplitude * area.counts / largest_of_lattice(part, peaks, true));
    for (std::ptrdiff_t i = 0; i < area.n_table; ++i) {
        others[i] *= scale * form[i];
        all[i] = all[i] * (scale * form[i]) + others[i];
    }
    add_profile(area, [=](float q) { return scale * profile.between(q); }, terms.s.raw, all);
    term.table = all;
    term.others = others;
}

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

inline void add_ad_hoc_rings(Terms& terms, const DrawnPart& part) {
    const AreaPlan& area = terms.area;
    ScatterTerm& term = terms.add(TermShape::radial, part.kind);
    float* const all = terms.table();
    float* const others = terms.table();
    Entries entries{};
    for (int i = 0; i < part.n_rings; ++i) {
        const auto ring = static_cast<std::size_t>(i);
        const double height = part.amplitude * area.counts * part.ring_share[ring];
        const Entries own = add_ring(area, part.ring_q[ring], part.dq, height, i == 0 ? all : others);
        entries.begin = i == 0 ? own.begin : entries.begin;
        entries.end = own.end > entries.end ? own.end : entries.end;
    }
    for (std::ptrdiff_t i = 0; i < area.n_table; ++i) {
        all[i] += others[i];
    }
    term.table = all;
    term.others = others;
    set_reach(term, entries);
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

inline void add_part(Terms& terms, const DrawnPart& part, int number) {
    switch (part.kind) {
        case PartKind::ring:
        case PartKind::halo:
        case PartKind::coherent_halo:
            return add_one_ring(terms, part, number);
        case PartKind::rings:
            return add_orders(terms, part);
        case PartKind::spheres:
            return add_spheres(terms, part);
        case PartKind::lattice:
            return add_lattice(terms, part);
        case PartKind::distorted_lattice:
            return add_distorted_lattice(terms, part);
        case PartKind::ad_hoc_rings:
            return add_ad_hoc_rings(terms, part);
        case PartKind::speckled_rings:
            return add_speckled_rings(terms, part);
        default:
            return add_mesostructure(terms, part, number);
    }
}

inline void add_calibration(Terms& terms, double counts) {
    constexpr double guinier_radius = 800.0;
    const AreaPlan& area = terms.area;
    const double height = counts * area.counts;
    ScatterTerm& term = terms.add(TermShape::radial, PartKind::silver_behenate);
    float* const all = terms.table();
    float* const others = terms.table();
    for (std::size_t i = 0; i < n_behenate_rings; ++i) {
        add_ring(area, behenate_q * behenate_order[i], 0.05 * behenate_q, height * behenate_share[i], i == 0 ? all : others);
    }
    for (std::ptrdiff_t i = 0; i < area.n_table; ++i) {
        all[i] += others[i];
    }
    term.table = all;
    term.others = others;
    const LowQProfile profile{3, 0.0F, static_cast<float>(guinier_radius * guinier_radius)};
    const auto scale = static_cast<float>(10.0 * height);
    add_profile(area, [=](float q) { return scale * profile(q); }, terms.s.raw, terms.without_tag());
}

/// Scattering at low and at high q, isotropic and not.
inline void add_diffuse(Terms& terms, const DrawnScattering& d) {
    const AreaPlan& area = terms.area;
    float* table = nullptr;
    ScatterTerm* distorted = nullptr;
    for (int sort = 0; sort < n_low_q; ++sort) {
        const DrawnLowQ& low = d.low_q[0][static_cast<std::size_t>(sort)];
        if (low.on) {
            if (table == nullptr) {
                table = terms.table();
                terms.add(TermShape::radial, PartKind::power_law).table = table;
            }
            const LowQProfile profile = low_q_profile(low, sort);
            const auto scale = static_cast<float>(low.amplitude * area.counts);
            add_profile(area, [=](float q) { return scale * profile(q); }, terms.s.raw, table);
        }
        const DrawnLowQ& turned = d.low_q[1][static_cast<std::size_t>(sort)];
        if (turned.on) {
            if (distorted == nullptr) {
                distorted = &terms.add(TermShape::distorted, PartKind::power_law);
                set_direction(*distorted, 2, d.low_q_chi);
            }
            const LowQProfile profile = low_q_profile(turned, sort);
            const auto scale = static_cast<float>(turned.amplitude * area.counts);
            float* const own = terms.distorted();
            add_distorted_profile(area, turned.stretch, [=](float q) { return scale * profile(q); }, own);
            distorted->layers[distorted->n_layers++] = layer_of(area, turned.stretch, own);
        }
    }
    for (const DrawnHighQ& high : d.high_q) {
        if (!high.on) {
            continue;
        }
        const auto s2 = static_cast<float>(high.s * high.s);
        const float whole = without_small_angles(s2, static_cast<float>(high_q_reference));
        const auto scale = static_cast<float>(high.amplitude * area.counts);
        // Where exp(-s^2 q^2) is one but for rounding, what is left is proportional to q^2.
        const bool flat = whole < 1e-3F;
        const auto square = static_cast<float>(1.0 / (high_q_reference * high_q_reference));
        const auto profile = [=](float q) { return scale * (flat ? q * q * square : without_small_angles(s2, q) / whole); };
        if (&high == d.high_q.data()) {
            float* const own = terms.table();
            terms.add(TermShape::radial, PartKind::high_q).table = own;
            add_profile(area, profile, terms.s.raw, own);
        } else {
            ScatterTerm& term = terms.add(TermShape::distorted, PartKind::high_q);
            float* const own = terms.distorted();
            add_distorted_profile(area, high.stretch, profile, own);
            term.layers[term.n_layers++] = layer_of(area, high.stretch, own);
            set_direction(term, 2, high.chi);
        }
    }
}

}  // namespace
}  // namespace nanotilt
