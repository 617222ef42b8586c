// All terms of a sample.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../../base/elementary.hpp"
#include "../../scenes/scattering/draws.hpp"
#include "profiles.hpp"
#include "scratch.hpp"
#include "shaped_terms.hpp"
#include "terms.hpp"

namespace nanotilt {
namespace {

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
