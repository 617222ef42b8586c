// Contributions of a sample, drawn.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "draws.hpp"
#include "words.hpp"

namespace nanotilt {
namespace {

double nearest_integer(double x) {
    const double magic = 6755399441055744.0;  // 1.5 * 2^52; halves go to even numbers
    return (x + magic) - magic;
}

/// Places of a contribution's words.
enum PartWord {
    kind_word,
    chi_word,
    m_normal,
    q0_normal = 4,
    eta_normal = 6,
    s_normal = 8,
    stretch_normal = 10,
    dq_word = 12,
    amplitude_word,
    s_word,
    radius_word,
    lattice_word,
    form_word,
    spacing_word,
    rings_word,
    fold_word,
    spot_eta_word,
    single_word,
    grain_word,
    zoom_word,
    turned_word,
    turns_word,
    first_ring_word = 32,
    words_of_ring = 32,
    first_turn_word = 1024,
};
static_assert(turns_word < first_ring_word && first_ring_word + most_rings * words_of_ring <= first_turn_word);
static_assert(3 + 2 * most_spots <= words_of_ring);

double clamped_normal(Words& w, int place, double mean, double std, double low, double high) {
    return std::clamp(mean + std * w.normal(place), low, high);
}

void draw_rings(Words& w, DrawnPart& part) {
    const bool speckled = part.kind == PartKind::speckled_rings;
    part.spacing = part.q0 * w.u(spacing_word, 0.1, 1.0);
    part.n_rings = 3 + w.below(rings_word, 7);
    part.m = 2 * (1 + w.below(fold_word, 3));
    part.eta = w.u(spot_eta_word, 0.5, 0.95);
    part.m = w.chance(single_word, 0.01) ? 1 : part.m;
    for (int i = 0; i < part.n_rings; ++i) {
        const auto ring = static_cast<std::size_t>(i);
        const int first = first_ring_word + i * words_of_ring;
        part.ring_q[ring] = part.q0 + i * part.spacing * w.u(first, 0.2, 1.5);
        part.ring_share[ring] = w.u(first + 1, 0.1, 1.0);
        part.n_spots[ring] = speckled ? 2 + w.below(first + 2, 13) : 0;
        for (int j = 0; j < part.n_spots[ring]; ++j) {
            part.spot_chi[ring][static_cast<std::size_t>(j)] = w.u(first + 3 + 2 * j, -pi, pi);
            part.spot_share[ring][static_cast<std::size_t>(j)] = w.u(first + 4 + 2 * j, 0.001, 1.0);
        }
    }
    if (!speckled) {
        part.m = 0;
        part.eta = 0.0;
    }
}

void draw_lattice(Words& w, DrawnPart& part) {
    part.q0 = clamped_normal(w, q0_normal, 0.06, 0.04, 0.008, 0.05);
    part.dq = part.q0 * w.u(dq_word, 0.01, 0.2);
    part.s = clamped_normal(w, s_normal, 0.1, 0.2, 0.01, 0.5);
    part.radius = 2.0 * pi / part.q0 * w.u(radius_word, 0.01, 2.0);
    part.lattice = w.below(lattice_word, 4);
    part.amplitude = w.power10(amplitude_word, 0.0, 4.0);
    if (part.kind == PartKind::distorted_lattice) {
        part.stretch = std::clamp(2.0 * exp_double(0.5 * w.normal(stretch_normal)), 0.125, 16.0);
        part.form_stays = w.chance(form_word, 0.5);
    }
}

LatticePeaks cubic(std::array<int, most_peaks> squares, std::array<double, most_peaks> weight) {
    LatticePeaks peaks{most_peaks, {}, weight};
    for (std::size_t i = 0; i < most_peaks; ++i) {
        peaks.x[i] = std::sqrt(static_cast<double>(squares[i]) / squares[0]);
    }
    return peaks;
}

}  // namespace

void draw_part(const ScatteringPlan& plan, const StreamPosition& at, int number, DrawnPart& part) {
    part = DrawnPart{};
    Words w(at, Purpose::scattering, static_cast<std::uint32_t>(part_object + number));
    const double which = w.u(kind_word);
    int kind = 0;
    while (kind < n_contribution_kinds - 1 && !(which < plan.shares[static_cast<std::size_t>(kind)])) {
        ++kind;
    }
    part.kind = static_cast<PartKind>(kind);
    part.chi = w.u(chi_word, -pi, pi);
    const double fold = std::clamp(2.0 * nearest_integer(exp_double(0.75 * w.normal(m_normal))), 2.0, 20.0);
    part.stretch = 1.0;
    switch (part.kind) {
        case PartKind::ring:
        case PartKind::rings:
            part.m = static_cast<int>(fold);
            part.q0 = clamped_normal(w, q0_normal, 0.02, 0.04, 0.008, 0.1);
            part.dq = part.q0 * w.u(dq_word, 0.01, 0.2);
            part.eta = clamped_normal(w, eta_normal, 0.3, 1.0, 0.2, 0.95);
            part.s = part.kind == PartKind::rings ? w.power10(s_word, 1.5, 3.0) : 0.0;
            part.amplitude = w.power10(amplitude_word, -1.0, 4.0);
            break;
        case PartKind::halo:
            part.m = static_cast<int>(fold);
            part.q0 = clamped_normal(w, q0_normal, 0.02, 0.04, 0.008, 0.1);
            part.dq = part.q0 * w.u(dq_word, 0.3, 0.6);
            part.eta = clamped_normal(w, eta_normal, 0.1, 1.0, 0.02, 0.4);
            part.s = w.power10(s_word, 1.0, 3.0);
            part.amplitude = w.power10(amplitude_word, -1.0, 4.0);
            break;
        case PartKind::spheres:
            part.radius = w.power10(radius_word, 1.5, 3.5);
            part.amplitude = w.power10(amplitude_word, 0.0, 4.0);
            break;
        case PartKind::lattice:
        case PartKind::distorted_lattice:
            draw_lattice(w, part);
            break;
        case PartKind::ad_hoc_rings:
        case PartKind::speckled_rings: {
            const bool speckled = part.kind == PartKind::speckled_rings;
            part.q0 = clamped_normal(w, q0_normal, 0.02, 0.04, 0.008, 0.05);
            part.dq = part.q0 * (speckled ? w.u(dq_word, 0.005, 0.03) : w.u(dq_word, 0.01, 0.04));
            part.amplitude = w.power10(amplitude_word, speckled ? 2.0 : 1.0, 4.0);
            draw_rings(w, part);
            break;
        }
        case PartKind::coherent_halo:
            part.m = static_cast<int>(fold);
            part.q0 = clamped_normal(w, q0_normal, 0.02, 0.04, 0.008, 0.05);
            part.dq = part.q0 * w.u(dq_word, 0.1, 0.6);
            part.eta = clamped_normal(w, eta_normal, 0.1, 1.0, 0.0, 0.4);
            part.s = w.power10(s_word, 1.0, 3.0);
            part.amplitude = w.power10(amplitude_word, 1.0, 4.0);
            part.grain = 3.0 + w.below(grain_word, 5);
            break;
        default:
            part.zoom = w.u(zoom_word, 0.2, 1.0);
            part.n_rings = w.chance(turned_word, 0.2) ? 10 + w.below(turns_word, 90) : 1;
            part.amplitude = w.power10(amplitude_word, 3.0, 5.0);
    }
}

const LatticePeaks& lattice_peaks(int lattice) {
    static const std::array<LatticePeaks, 4> all{
        cubic({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24},
              {1, .5, 2, 1, 2, 2.0 / 3.0, 4, .5, 3, 2, 2, 2, 6, 4, 1, 4, 2.5, 6, 2, 4, 2, 4, 2.0 / 3.0}),
        cubic({3, 4, 8, 11, 12, 16, 19, 20, 24, 27, 32, 35, 36, 40, 43, 44, 48, 51, 52, 56, 59, 68, 72},
              {1, .75, 1.5, 3, 1, .75, 3, 3, 3, 4, 1.5, 6, 3.75, 3, 3, 3, 1, 3, 3, 6, 3, 3, 1.5}),
        LatticePeaks{10,
                     {1, 1.154700538, 1.527525232, 2, 2.236067977, 2.309401077, 2.516611478, 2.828427125, 3, 3.055050463},
                     {1, 3, 6, 4, 6, 9, 6, 6, 1, 12}},
        LatticePeaks{10, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
    };
    return all[static_cast<std::size_t>(lattice)];
}

Turn draw_turn(const StreamPosition& at, int part, int turn) {
    Words w(at, Purpose::scattering, static_cast<std::uint32_t>(part_object + part));
    const int first = first_turn_word + 4 * turn;
    const SinCosDouble a = sincos_double(2.0 * pi * w.u(first));
    const double cos_b = w.u(first + 1, -1.0, 1.0);
    const double sin_b = std::sqrt(std::max(0.0, 1.0 - cos_b * cos_b));
    const SinCosDouble c = sincos_double(2.0 * pi * w.u(first + 2));
    return {{{c.cos * a.cos - c.sin * cos_b * a.sin, c.sin * a.cos + c.cos * cos_b * a.sin},
             {-c.cos * a.sin - c.sin * cos_b * a.cos, -c.sin * a.sin + c.cos * cos_b * a.cos},
             {c.sin * sin_b, -c.cos * sin_b}}};
}

}  // namespace nanotilt
