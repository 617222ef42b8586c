#include "sites.hpp"

#include <algorithm>
#include <cmath>

#include "../../base/elementary.hpp"
#include "../../base/random_numbers.hpp"

namespace nanotilt {
namespace {

constexpr double root3 = 1.7320508075688772;

Site turned(const Site& site, int thirds) {
    Site s = site;
    for (int i = 0; i < thirds; ++i) {  // by 120 degrees about A (0, 0): a1 -> a2 - a1, a2 -> -a1, B -> B - a1
        s = {-s.m - s.n - s.sublattice, s.m, s.sublattice};
    }
    return s;
}

Site inverted(const Site& site) {  // about the middle of the bond from A (0, 0) to B (0, 0)
    return {-site.m, -site.n, 1 - site.sublattice};
}

std::array<double, 2> turned(std::array<double, 2> v, int thirds) {
    for (int i = 0; i < thirds; ++i) {
        v = {-0.5 * v[0] - 0.5 * root3 * v[1], 0.5 * root3 * v[0] - 0.5 * v[1]};
    }
    return v;
}

/// Of a site, in bond lengths.
std::array<double, 2> in_bonds(const Site& site) {
    return {root3 * (site.m + 0.5 * site.n + 0.5 * site.sublattice), 1.5 * site.n + 0.5 * site.sublattice};
}

void put_core(PlacedDefect& defect) {
    auto [x, y] = turned(defect.plan->core, defect.turn);
    if (defect.inverted) {
        x = 0.5 * root3 - x;
        y = 0.5 - y;
    }
    const auto cell = in_bonds({defect.m, defect.n, 0});
    defect.x = x + cell[0];
    defect.y = y + cell[1];
}

const DefectPlan* kind_for(const LatticePlan& plan, double uniform) {
    for (const DefectPlan& kind : plan.defects) {
        if (uniform < kind.share) {
            return &kind;
        }
    }
    return &plan.defects.back();
}

bool meets_another(const PlacedLattice& lattice, const PlacedDefect& defect) {
    for (int i = 0; i < lattice.n_defects; ++i) {
        const PlacedDefect& other = lattice.defects[static_cast<std::size_t>(i)];
        const double across = defect.x - other.x;
        const double up = defect.y - other.y;
        const double apart = defect.plan->reach + other.plan->reach + 1.0;
        // Sites often lie exactly so far apart, which may not be left to rounding.
        if (across * across + up * up < apart * apart - 1e-6) {
            return true;
        }
    }
    return false;
}

void place_defects(PlacedLattice& lattice, const StreamPosition& at, int wanted, int n_pixels, double margin_px) {
    const LatticePlan& plan = *lattice.plan;
    for (int k = 0; k < wanted; ++k) {
        const auto object = static_cast<std::uint32_t>(k);
        const PhiloxWords kind = random_words(at, Purpose::defect, kind_of_defect_block, object);
        PlacedDefect defect{};
        defect.plan = kind_for(plan, uniform_of(kind.w[0]));
        defect.relief = uniform_between(plan.relief[0], plan.relief[1], kind.w[1]);
        put_core(defect);
        bool fits = k == 0;  // the first stands at the origin
        for (int attempt = 0; attempt < most_attempts_at_defect && !fits; ++attempt) {
            const PhiloxWords words = random_words(at, Purpose::defect, static_cast<std::uint32_t>(attempt), object);
            const double side = n_pixels - 2.0 * margin_px;
            const Site cell =
                cell_at(lattice, margin_px - 0.5 + side * uniform_of(words.w[0]), margin_px - 0.5 + side * uniform_of(words.w[1]));
            const int operation = static_cast<int>(words.w[2] % (plan.inverts() ? 6U : 3U));
            defect.turn = operation % 3;
            defect.inverted = operation >= 3;
            defect.m = cell.m;
            defect.n = cell.n;
            put_core(defect);
            fits = !meets_another(lattice, defect);
        }
        if (fits) {
            lattice.defects[static_cast<std::size_t>(lattice.n_defects++)] = defect;
        }
    }
}

void draw_ripples(PlacedLattice& lattice, const LatticeNumbers& numbers) {
    const LatticePlan& plan = *lattice.plan;
    for (int i = 0; i < waves_of_ripple; ++i) {
        const std::uint32_t* words = numbers.words + ripple_words + 4 * i;
        const SinCos direction = sincos_of_turn(words[0]);
        PlacedLattice::Ripple& ripple = lattice.ripples[static_cast<std::size_t>(i)];
        ripple = {static_cast<double>(direction.cos), static_cast<double>(direction.sin),
                  2.0 * pi / (plan.ripple_length * uniform_between(0.7, 1.4, words[1])),
                  plan.ripple_height / std::sqrt(0.5 * waves_of_ripple), 2.0 * pi * uniform_of(words[2])};
    }
}

}  // namespace

std::array<double, 2> PlacedLattice::seen_at(double across, double up) const {
    double at_x = x + xx * across + xy * up;
    double at_y = y + yx * across + yy * up;
    if (plan->ripple_height > 0.0) {
        const double per_angstrom = std::sqrt(std::fabs(xx * yy - xy * yx));
        const double off_x = (at_x - middle_x) / per_angstrom;
        const double off_y = (at_y - middle_y) / per_angstrom;
        for (const Ripple& wave : ripples) {
            const double along = wave.wave_number * (wave.direction_x * off_x + wave.direction_y * off_y);
            const double slope2 = wave.height * wave.height * wave.wave_number;
            const double turn = 2.0 * (along + wave.phase);
            const double lost = 0.25 * slope2 * (along - 0.5 * sincos_double(turn).sin);
            at_x -= per_angstrom * lost * wave.direction_x;
            at_y -= per_angstrom * lost * wave.direction_y;
        }
    }
    return {at_x, at_y};
}

double PlacedLattice::cell() const {
    return std::fabs(xx * yy - xy * yx) * plan->a * plan->a * (0.5 * root3);
}

PlacedLattice place_lattice(const LatticePlan& plan, const StreamPosition& at, const LatticeNumbers& numbers, int n_pixels,
                            double pixel) {
    constexpr float steepest = 0.52359878F;  // 30 degrees
    PlacedLattice lattice{};
    lattice.plan = &plan;
    lattice.bond = plan.a / root3;
    lattice.middle_x = lattice.middle_y = 0.5 * (n_pixels - 1);
    const std::uint32_t* words = numbers.words;
    const double spread = plan.spread > 0.0 ? plan.spread / pixel : n_pixels - 2.0 * plan.margin / pixel;
    lattice.x = lattice.middle_x + spread * (uniform_of(words[place_words]) - 0.5);
    lattice.y = lattice.middle_y + spread * (uniform_of(words[place_words + 1]) - 0.5);
    // Turns are exact as words of which 2^32 are one.
    const double turns = uniform_between(plan.turns[0], plan.turns[1], words[turn_word]);
    const SinCos turn = sincos_of_turn(static_cast<std::uint32_t>(static_cast<std::int64_t>((turns - std::floor(turns)) * 0x1p32)));
    const auto cosine = static_cast<double>(turn.cos);
    const auto sine = static_cast<double>(turn.sin);
    const double scale = (1.0 + plan.scale_std * static_cast<double>(numbers.normals[scale_normal])) / pixel;
    const double e1 = plan.strain_std * static_cast<double>(numbers.normals[strain_normals]);
    const double e2 = plan.strain_std * static_cast<double>(numbers.normals[strain_normals + 1]);
    const double xx = scale * (cosine * (1.0 + e1) - sine * e2);
    const double xy = scale * (cosine * e2 - sine * (1.0 - e1));
    const double yx = scale * (sine * (1.0 + e1) + cosine * e2);
    const double yy = scale * (sine * e2 + cosine * (1.0 - e1));
    const float tilt = std::min(std::fabs(static_cast<float>(plan.tilt_std_rad) * numbers.normals[tilt_normal]), steepest);
    const SinCos azimuth = sincos_of_turn(words[azimuth_word]);
    const auto half_sine = static_cast<double>(sincos_float(0.5F * tilt).sin);
    const double shorter = 2.0 * half_sine * half_sine;  // 1 - cos
    const auto across = static_cast<double>(azimuth.cos);
    const auto up = static_cast<double>(azimuth.sin);
    const double txx = 1.0 - shorter * across * across;
    const double txy = -shorter * across * up;
    const double tyy = 1.0 - shorter * up * up;
    lattice.xx = txx * xx + txy * yx;
    lattice.xy = txx * xy + txy * yy;
    lattice.yx = txy * xx + tyy * yx;
    lattice.yy = txy * xy + tyy * yy;
    if (plan.ripple_height > 0.0) {
        draw_ripples(lattice, numbers);
    }
    const auto [fewest, most] = plan.n_defects;
    const int wanted = fewest + std::min(static_cast<int>((most - fewest + 1) * uniform_of(words[n_defects_word])), most - fewest);
    place_defects(lattice, at, wanted, n_pixels, plan.margin / pixel);
    return lattice;
}

int most_changed_sites(const LatticePlan& plan) {
    std::size_t most = 0;
    for (const DefectPlan& defect : plan.defects) {
        most = std::max(most, defect.sites.size());
    }
    return static_cast<int>(most) * plan.n_defects[1];
}

Site site_in_crystal(const PlacedDefect& defect, const Site& site) {
    Site s = turned(site, defect.turn);
    if (defect.inverted) {
        s = inverted(s);
    }
    return {s.m + defect.m, s.n + defect.n, s.sublattice};
}

const DefectSite* change_at(const PlacedDefect& defect, const Site& site) {
    Site s{site.m - defect.m, site.n - defect.n, site.sublattice};
    if (defect.inverted) {
        s = inverted(s);
    }
    s = turned(s, (3 - defect.turn) % 3);
    if (std::max(std::abs(s.m), std::abs(s.n)) > defect_cells) {
        return nullptr;
    }
    const int place = defect.plan->place_of[DefectPlan::square_index(s.m, s.n, s.sublattice)];
    return place < 0 ? nullptr : &defect.plan->sites[static_cast<std::size_t>(place)];
}

std::array<double, 2> direction_in_crystal(const PlacedDefect& defect, std::array<double, 2> direction) {
    const auto v = turned(direction, defect.turn);
    const double sign = defect.inverted ? -1.0 : 1.0;
    return {sign * v[0], sign * v[1]};
}

std::array<double, 2> displacement(const PlacedDefect& defect, const DefectSite& change) {
    const auto v = direction_in_crystal(defect, {change.dx, change.dy});
    return {defect.relief * v[0], defect.relief * v[1]};
}

std::array<double, 2> place_of_site(const PlacedLattice& lattice, const Site& site) {
    const auto bonds = in_bonds(site);
    return {lattice.bond * bonds[0], lattice.bond * bonds[1]};
}

ChangedSite changed_site(const PlacedLattice& lattice, const Site& site, int first, const DefectSite& entry) {
    ChangedSite changed{};
    changed.before = lattice.plan->columns[static_cast<std::size_t>(site.sublattice)];
    changed.replaced = entry.replaced;
    changed.after = entry.replaced ? entry.after : changed.before;
    changed.defect = first;
    changed.sublattice = site.sublattice;
    auto [dx, dy] = displacement(lattice.defects[static_cast<std::size_t>(first)], entry);
    for (int k = first + 1; k < lattice.n_defects; ++k) {
        const PlacedDefect& defect = lattice.defects[static_cast<std::size_t>(k)];
        if (const DefectSite* change = change_at(defect, site)) {
            const auto moved = displacement(defect, *change);
            dx += moved[0];
            dy += moved[1];
            if (change->replaced && !changed.replaced) {
                changed.replaced = true;
                changed.after = change->after;
                changed.defect = k;
            }
        }
    }
    const auto [across, up] = place_of_site(lattice, site);
    const auto before = lattice.seen_at(across, up);
    const auto after = lattice.seen_at(across + lattice.bond * dx, up + lattice.bond * dy);
    changed.x = before[0];
    changed.y = before[1];
    changed.new_x = after[0];
    changed.new_y = after[1];
    changed.moved = std::sqrt(dx * dx + dy * dy);
    return changed;
}

}  // namespace nanotilt
