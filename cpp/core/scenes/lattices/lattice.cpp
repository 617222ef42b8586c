#include "lattice.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "../../wire/fields.hpp"

namespace nanotilt {
namespace {

constexpr std::size_t kinds_limit = 64;
constexpr std::size_t sites_limit = 1024;
constexpr std::size_t numbers_of_site = 6;  // m, n, sublattice, dx, dy, column

/// A column as one number: 0 for none, 1 + element for one atom, and 16 (1 + element) more for one below it.
Column column_of(int code, const wire::Place& at) {
    const int upper = code % 16;
    const int lower = code / 16;
    if (upper > n_elements || lower > n_elements || (upper == 0 && lower > 0)) {
        wire::refuse(at, "a column of two elements at most", std::to_string(code));
    }
    return {(upper > 0 ? 1 : 0) + (lower > 0 ? 1 : 0), {std::max(upper - 1, 0), std::max(lower - 1, 0)}};
}

DefectSite site_of(const std::array<double, numbers_of_site>& numbers, const wire::Place& at) {
    const auto integer = [&](std::size_t i, int low, int high) {
        const double value = numbers[i];
        if (!(value >= low && value <= high) || value != std::floor(value)) {
            wire::refuse(at, "an integer in " + std::to_string(low) + " ... " + std::to_string(high), std::to_string(value));
        }
        return static_cast<int>(value);
    };
    DefectSite site{};
    site.m = integer(0, -defect_cells, defect_cells);
    site.n = integer(1, -defect_cells, defect_cells);
    site.sublattice = integer(2, 0, 1);
    site.dx = numbers[3];
    site.dy = numbers[4];
    if (!(std::fabs(site.dx) <= 2.0 && std::fabs(site.dy) <= 2.0)) {
        wire::refuse(at, "a displacement of 2 bonds at most", std::to_string(site.dx) + ", " + std::to_string(site.dy));
    }
    const int code = integer(5, -1, 255);
    site.replaced = code >= 0;
    site.after = site.replaced ? column_of(code, at) : Column{};
    return site;
}

void read_sites(wire::Fields& fields, DefectPlan& defect) {
    const wire::List listed = fields.list("sites", 0, sites_limit * numbers_of_site);
    defect.place_of.assign(static_cast<std::size_t>(defect_side) * defect_side * 2, -1);
    std::array<double, numbers_of_site> numbers{};
    std::size_t n = 0;
    listed.for_each([&](const wire::Value& value, const wire::Place& at) {
        numbers[n++ % numbers_of_site] = wire::number_at(value, at);
        if (n % numbers_of_site != 0) {
            return;
        }
        const DefectSite site = site_of(numbers, at);
        std::int16_t& place = defect.place_of[DefectPlan::square_index(site.m, site.n, site.sublattice)];
        if (place >= 0) {
            wire::refuse(at, "a site that comes once", "a second one");
        }
        place = static_cast<std::int16_t>(defect.sites.size());
        defect.sites.push_back(site);
    });
    if (n % numbers_of_site != 0) {
        wire::refuse(fields.place("sites"), "six numbers for each site", std::to_string(n) + " numbers");
    }
}

DefectPlan read_defect(const wire::Value& value, const wire::Place& place) {
    wire::Fields fields(value, place);
    DefectPlan defect{};
    defect.kind = fields.integer("kind", 0, 254);
    defect.share = fields.within("share", 0.0, 1e6);
    const auto core = fields.pair("core");
    defect.core = {core[0], core[1]};
    if (!(std::fabs(defect.core[0]) <= 4.0 && std::fabs(defect.core[1]) <= 4.0)) {
        wire::refuse(fields.place("core"), "within 4 bonds of a site", std::to_string(defect.core[0]));
    }
    defect.symmetry = fields.integer("symmetry", 1, 6);
    defect.reach = fields.within("reach", 0.0, 16.0);
    read_sites(fields, defect);
    fields.expect_no_more();
    return defect;
}

void read_defects(wire::Fields& scene, LatticePlan& lattice) {
    double total = 0.0;
    scene.list("defects", 0, kinds_limit).for_each([&](const wire::Value& value, const wire::Place& at) {
        lattice.defects.push_back(read_defect(value, at));
        total += lattice.defects.back().share;
        lattice.defects.back().share = total;
    });
    if (!lattice.defects.empty() && !(total > 0.0)) {
        wire::refuse(scene.place("defects"), "kinds of which one has a share above 0", "0 for all of them");
    }
    for (DefectPlan& defect : lattice.defects) {
        defect.share /= total;
    }
    lattice.n_defects = scene.integer_pair("n_defects", 0, defects_limit);
    const auto [fewest, most] = lattice.n_defects;
    lattice.max_defects = scene.integer("max_defects", std::max(most, 1), defects_limit);
    if (fewest > most || (most > 0 && lattice.defects.empty())) {
        wire::refuse(scene.place("n_defects"), "(fewest, most), and 0 without kinds of defects",
                     std::to_string(fewest) + ", " + std::to_string(most));
    }
}

}  // namespace

LatticePlan read_lattice(wire::Fields& scene) {
    LatticePlan lattice{};
    lattice.a = scene.within("a", 1.0, 20.0);
    for (std::size_t i = 0; i < 2; ++i) {
        const std::string_view name = i == 0 ? "at_a" : "at_b";
        lattice.columns[i] = column_of(scene.integer(name, 1, 255), scene.place(name));
    }
    read_defects(scene, lattice);
    lattice.turns = scene.range("turns", -100.0, 100.0);
    lattice.scale_std = scene.within("scale_std", 0.0, 0.05);
    lattice.strain_std = scene.within("strain_std", 0.0, 0.05);
    lattice.tilt_std_rad = scene.within("tilt_std_rad", 0.0, 0.5);
    lattice.relief = scene.range("relief", 0.0, 2.0);
    lattice.margin = scene.within("margin", 0.0, 1000.0);
    lattice.spread = scene.within("spread", 0.0, 2000.0);
    lattice.ripple_height = scene.within("ripple_height", 0.0, 5.0);
    lattice.ripple_length = scene.within("ripple_length", 10.0, 1000.0);
    lattice.contamination = scene.within("contamination", 0.0, 10.0);
    lattice.contamination_length = scene.within("contamination_length", 1.0, 1000.0);
    lattice.adatoms = scene.within("adatoms_of_tile", 0.0, adatoms_of_tile);
    lattice.adatom_element = scene.integer("adatom_element", 0, n_elements - 1);
    return lattice;
}

}  // namespace nanotilt
