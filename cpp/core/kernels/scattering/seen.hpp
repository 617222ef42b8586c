// What is seen of each term: signal-to-noise ratios, tags, and the tags of 2017.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "../../scenes/scattering/draws.hpp"
#include "../../scenes/scattering/truths.hpp"
#include "lanes.hpp"
#include "scratch.hpp"

namespace nanotilt {
namespace {

/// Sum over a row of weight (a - b)^2; b may be null. Sixteen sums side by side, added up in their order, at every level.
inline double weighted_squares(const float* weight, const float* a, const float* b, std::ptrdiff_t n) {
    constexpr int n_vectors = lane_count / wave_lanes;
    WaveLanes sums[n_vectors] = {};
    for (std::ptrdiff_t i = 0; i < n; i += lane_count) {
        for (int v = 0; v < n_vectors; ++v) {
            const std::ptrdiff_t first = i + static_cast<std::ptrdiff_t>(v) * wave_lanes;
            WaveLanes value = load_wave(a + first);
            if (b != nullptr) {
                value -= load_wave(b + first);
            }
            sums[v] += load_wave(weight + first) * (value * value);
        }
    }
    double total = 0.0;
    for (const WaveLanes& sum : sums) {
        for (int i = 0; i < wave_lanes; ++i) {
            total += static_cast<double>(sum[i]);
        }
    }
    return total;
}

/// Which tags a term may bring, and by which of its sums.
struct TermTags {
    int all = -1;  // seen at all
    int uneven = -1;
    int fold = -1;
    bool higher = false;
};

inline int fold_tag(int m) {
    return m == 2 ? two_fold_tag : m == 4 ? four_fold_tag : m == 6 ? six_fold_tag : -1;
}

inline TermTags tags_of(const ScatterTerm& term) {
    switch (term.kind) {
        case PartKind::ring:
            return {ring_tag, symmetry_ring_tag, fold_tag(term.m), false};
        case PartKind::halo:
            return {halo_tag, symmetry_halo_tag, fold_tag(term.m), false};
        case PartKind::coherent_halo:
            return term.eta > 0.05F ? TermTags{halo_tag, symmetry_halo_tag, fold_tag(term.m), false}
                                    : TermTags{halo_tag, -1, -1, false};
        case PartKind::rings:
            return {ring_tag, symmetry_ring_tag, fold_tag(term.m), true};
        case PartKind::lattice:
        case PartKind::ad_hoc_rings:
        case PartKind::silver_behenate:
            return {ring_tag, -1, -1, true};
        case PartKind::distorted_lattice:
            return {-1, -1, -1, true};
        case PartKind::speckled_rings:
            return {ring_tag, -1, fold_tag(term.m), true};
        case PartKind::power_law:
            return {low_q_tag, -1, -1, false};
        case PartKind::high_q:
            return {high_q_tag, -1, -1, false};
        default:
            return {};
    }
}

inline bool has_tags(const TermTags& tags) {
    return tags.all >= 0 || tags.uneven >= 0 || tags.fold >= 0 || tags.higher;
}

/// Adds a row to a term's sums.
inline void look_at_row(ScatterTerm& term, const float* weight, std::ptrdiff_t n) {
    term.all2 += weighted_squares(weight, term.all, nullptr, n);
    if (term.even != nullptr) {
        term.uneven2 += weighted_squares(weight, term.all, term.even, n);
    }
    if (term.higher != nullptr) {
        term.higher2 += weighted_squares(weight, term.higher, nullptr, n);
    }
}

/// Counts pixels above the threshold, as in 2017.
inline void count_row(ScatterTerm& term, std::ptrdiff_t n) {
    const float* __restrict values = term.all;
    const float threshold = term.threshold;
    std::int32_t above = 0;
    float largest = 0.0F;
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        above += static_cast<std::int32_t>(values[i] >= threshold);
        largest = values[i] > largest ? values[i] : largest;
    }
    term.n_above += above;
    term.largest = largest > term.largest ? largest : term.largest;
}

/// The best signal-to-noise ratio of each tag.
inline void write_ratios(const ScatterTerm* terms, int n_terms, float (&ratios)[n_scattering_tags]) {
    for (float& ratio : ratios) {
        ratio = 0.0F;
    }
    const auto raise = [&](int tag, double square) {
        if (tag >= 0) {
            const auto ratio = static_cast<float>(std::sqrt(square));
            ratios[tag] = ratio > ratios[tag] ? ratio : ratios[tag];
        }
    };
    for (int k = 0; k < n_terms; ++k) {
        const ScatterTerm& term = terms[k];
        const TermTags tags = tags_of(term);
        raise(tags.all, term.all2);
        raise(tags.uneven, term.uneven2);
        raise(tags.fold, term.uneven2);
        raise(tags.higher ? higher_orders_tag : -1, term.higher2);
    }
}

inline constexpr float least_ratio = 5.0F;

/// Counts, of a pixel of 75 um, above which pixels of a term were counted in 2017, and how many pixels of 75 um there had to be.
struct LegacyRule {
    double threshold;
    double n_pixels;
    double largest;  // that the largest value has to exceed
};

inline LegacyRule legacy_rule(const ScatterTerm& term) {
    switch (term.kind) {
        case PartKind::power_law:
            return term.shape == TermShape::distorted ? LegacyRule{20.0, 500.0, 0.0} : LegacyRule{10.0, 400.0, 0.0};
        case PartKind::high_q:
            return {10.0, 400.0, 0.0};
        case PartKind::lattice:
        case PartKind::distorted_lattice:
        case PartKind::ad_hoc_rings:
        case PartKind::speckled_rings:
            return {0.1, 100.0, 1.0};
        default:
            return {0.05, 100.0, 0.0};
    }
}

/// Tags as in 2017, with their defects: 20 counts as 2, one order as higher orders, silver behenate as nothing. `background`: its
/// mean.
inline void write_legacy_tags(const AreaPlan& area, const ScatterTerm* terms, int n_terms, double background, std::uint8_t* out) {
    const double pixels = area.pixels_per_length * area.pixels_per_length;
    float largest[2] = {0.0F, 0.0F};  // of contributions, of diffuse scattering
    const auto is_diffuse = [](const ScatterTerm& term) {
        return term.kind == PartKind::power_law || term.kind == PartKind::high_q;
    };
    for (int k = 0; k < n_terms; ++k) {
        float& own = largest[is_diffuse(terms[k]) ? 1 : 0];
        own = terms[k].largest > own ? terms[k].largest : own;
    }
    for (int tag = 0; tag < n_scattering_tags; ++tag) {
        out[tag] = 0;
    }
    for (int k = 0; k < n_terms; ++k) {
        const ScatterTerm& term = terms[k];
        const LegacyRule rule = legacy_rule(term);
        const bool seen = static_cast<double>(term.n_above) > rule.n_pixels * pixels &&
                          static_cast<double>(term.largest) > rule.largest * area.counts &&
                          static_cast<double>(largest[is_diffuse(term) ? 1 : 0]) > 0.01 * background;
        if (!seen || term.kind == PartKind::silver_behenate) {
            continue;
        }
        const TermTags tags = tags_of(term);
        const int fold = term.m == 20 && tags.uneven >= 0 ? two_fold_tag : tags.fold;
        for (const int tag : {tags.all, tags.uneven, fold, tags.higher ? static_cast<int>(higher_orders_tag) : -1}) {
            if (tag >= 0) {
                out[tag] = 1;
            }
        }
    }
}

}  // namespace
}  // namespace nanotilt
