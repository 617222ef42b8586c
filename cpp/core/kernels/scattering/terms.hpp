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

}  // namespace
}  // namespace nanotilt
