#include "lattice_sites.hpp"

#include <algorithm>
#include <cmath>

#include "../base/elementary.hpp"
#include "../base/random_numbers.hpp"

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
        if (across * across + up * up < apart * apart) {
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

void draw_ripples(PlacedLattice& lattice, const StreamPosition& at) {
    const LatticePlan& plan = *lattice.plan;
    for (int i = 0; i < waves_of_ripple; ++i) {
        const PhiloxWords words = random_words(at, Purpose::lattice, ripple_block + static_cast<std::uint32_t>(i));
        const SinCosDouble direction = sincos_double(2.0 * pi * uniform_of(words.w[0]));
        PlacedLattice::Ripple& ripple = lattice.ripples[static_cast<std::size_t>(i)];
        ripple = {direction.cos, direction.sin, 2.0 * pi / (plan.ripple_length * uniform_between(0.7, 1.4, words.w[1])),
                  plan.ripple_height / std::sqrt(static_cast<double>(waves_of_ripple)), 2.0 * pi * uniform_of(words.w[2])};
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

PlacedLattice place_lattice(const LatticePlan& plan, const StreamPosition& at, int n_pixels, double pixel) {
    constexpr double steepest = pi / 6.0;
    PlacedLattice lattice{};
    lattice.plan = &plan;
    lattice.bond = plan.a / root3;
    lattice.middle_x = lattice.middle_y = 0.5 * (n_pixels - 1);
    const PhiloxWords place = random_words(at, Purpose::lattice, place_block_of_lattice);
    const double spread = plan.spread > 0.0 ? plan.spread / pixel : n_pixels - 2.0 * plan.margin / pixel;
    lattice.x = lattice.middle_x + spread * (uniform_of(place.w[0]) - 0.5);
    lattice.y = lattice.middle_y + spread * (uniform_of(place.w[1]) - 0.5);
    const SinCosDouble turn = sincos_double(uniform_between(plan.turn_rad[0], plan.turn_rad[1], place.w[2]));
    const PhiloxWords strain = random_words(at, Purpose::lattice, strain_block);
    const auto [scale_normal, strain1_normal] = two_normals(strain.w[0], strain.w[1]);
    const auto [strain2_normal, tilt_normal] = two_normals(strain.w[2], strain.w[3]);
    const double scale = (1.0 + plan.scale_std * scale_normal) / pixel;
    const double e1 = plan.strain_std * strain1_normal;
    const double e2 = plan.strain_std * strain2_normal;
    const double xx = scale * (turn.cos * (1.0 + e1) - turn.sin * e2);
    const double xy = scale * (turn.cos * e2 - turn.sin * (1.0 - e1));
    const double yx = scale * (turn.sin * (1.0 + e1) + turn.cos * e2);
    const double yy = scale * (turn.sin * e2 + turn.cos * (1.0 - e1));
    const PhiloxWords tilts = random_words(at, Purpose::lattice, tilt_block);
    const double tilt = std::min(std::fabs(plan.tilt_std_rad * tilt_normal), steepest);
    const SinCosDouble azimuth = sincos_double(2.0 * pi * uniform_of(tilts.w[0]));
    const double shorter = 1.0 - sincos_double(tilt).cos;
    const double txx = 1.0 - shorter * azimuth.cos * azimuth.cos;
    const double txy = -shorter * azimuth.cos * azimuth.sin;
    const double tyy = 1.0 - shorter * azimuth.sin * azimuth.sin;
    lattice.xx = txx * xx + txy * yx;
    lattice.xy = txx * xy + txy * yy;
    lattice.yx = txy * xx + tyy * yx;
    lattice.yy = txy * xy + tyy * yy;
    draw_ripples(lattice, at);
    const auto [fewest, most] = plan.n_defects;
    const int wanted = fewest + std::min(static_cast<int>((most - fewest + 1) * uniform_of(tilts.w[2])), most - fewest);
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

ChangedSite changed_site(const PlacedLattice& lattice, const Site& site, int first) {
    ChangedSite changed{};
    changed.before = lattice.plan->columns[static_cast<std::size_t>(site.sublattice)];
    changed.after = changed.before;
    changed.defect = first;
    changed.sublattice = site.sublattice;
    double dx = 0.0;
    double dy = 0.0;
    for (int k = first; k < lattice.n_defects; ++k) {
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
