#include "area_detector.hpp"

#include <cmath>
#include <string>

#include "../base/elementary.hpp"
#include "../base/layout.hpp"
#include "../polar/cell_disc.hpp"
#include "../program/recipe_limits.hpp"
#include "../wire/fields.hpp"

namespace nanotilt {
namespace {

constexpr double wavelength_times_energy = 12.398419;  // angstrom keV
constexpr double reference_pixel_um = 75.0;

/// Directions at equal steps along the sides of a square that stands on its corner: no arc tangent is needed to find an entry.
void find_directions(AreaPlan& p) {
    for (int i = 0; i <= spot_entries + lane_count; ++i) {
        const int step = i % spot_entries;
        const int quarter = step / (spot_entries / 4);
        const double up = static_cast<double>(step % (spot_entries / 4)) / (spot_entries / 4);
        const double length = std::sqrt((1.0 - up) * (1.0 - up) + up * up);
        const double x = (1.0 - up) / length;
        const double y = up / length;
        const double turned[4][2] = {{x, y}, {-y, x}, {-x, -y}, {y, -x}};
        p.spot_cos.push_back(static_cast<float>(turned[quarter][0]));
        p.spot_sin.push_back(static_cast<float>(turned[quarter][1]));
    }
}

/// Cells that polar targets are means over.
void read_cells(wire::Fields& instrument, AreaPlan& p) {
    // What was packed before there were such cells has the defaults.
    int n_radii = 96;
    int n_azimuths = 32;
    std::array<double, 2> q{0.0017, 0.1455};
    if (instrument.has("n_radii")) {
        n_radii = instrument.integer("n_radii", 4, 256);
        n_azimuths = instrument.integer("n_azimuths", 4, 128);
        q = instrument.range("q_range", 1e-6, 0.9 * p.k);
    }
    const double inner = p.radius_of(q[0]);
    const double outer = p.radius_of(q[1]);
    if (!(outer >= 1.01 * inner && outer <= 1e6)) {
        wire::refuse(instrument.place("q_range"), "two numbers, the second above the first by a hundredth", std::to_string(q[1]));
    }
    p.cells = {n_radii, n_azimuths, inner, outer, true, true};
    const CellDiscWanted& wanted = scattering_disc().wanted();
    p.disc = {wanted.n_rings, wanted.n_angles, 0.0, outer, false, true};
}

}  // namespace

const CellDisc& scattering_disc() {
    static const CellDisc disc({128, 64, true, n_disc_functions, n_disc_orders, 2});
    return disc;
}

double AreaPlan::q_of(double radius) const {
    const double t = radius * tangent;
    const double w = std::sqrt(1.0 + t * t);
    return k * t * std::sqrt(2.0 / (w * (w + 1.0)));
}

double AreaPlan::radius_of(double at) const {
    const double sine = at / (2.0 * k);  // of half the angle
    constexpr double far = 0.5;          // 60 degrees; frames end at 42
    if (!(sine < far)) {
        return 1e9;
    }
    return 2.0 * sine * std::sqrt(1.0 - sine * sine) / (1.0 - 2.0 * sine * sine) / tangent;
}

AreaPlan read_area_detector(wire::Fields& instrument, DetectorPlan& d) {
    AreaPlan p{};
    p.n_pixels = instrument.integer("n_pixels", least_area_pixels, area_pixels_limit);
    const double pixel_um = instrument.within("pixel_um", 1.0, 1000.0);
    const double distance_m = instrument.within("distance_m", 0.01, 100.0);
    const double side_mm = 1e-3 * pixel_um * p.n_pixels;
    if (!(side_mm <= 153.6 * (1.0 + 1e-6) && side_mm <= 600.0 * distance_m * (1.0 + 1e-6))) {
        wire::refuse(instrument.place("pixel_um"), "such that the frame is <= 153.6 mm and 0.6 of the distance wide",
                     std::to_string(pixel_um));
    }
    p.pixels_per_length = reference_pixel_um / pixel_um;
    p.k = 2.0 * pi * instrument.within("energy_kev", 1.0, 100.0) / wavelength_times_energy;
    p.tangent = 1e-6 * pixel_um / distance_m;
    const bool per_pixel = instrument.choice("exposure", {"solid angle", "per pixel"}) == 1;
    const double light = instrument.within("light", 1e-6, 1e6);
    const double smaller = per_pixel ? 1.0 : p.pixels_per_length;
    p.counts = light / (smaller * smaller);
    p.noise = light / smaller;
    p.counting = static_cast<Counting>(instrument.choice("counting", {"exact", "fast"}));
    read_cells(instrument, p);
    d.n_bins = p.n_pixels * p.n_pixels;
    d.bins_per_length = 1.0F;
    d.sampling = Sampling::bin;
    d.blur_weights = {1.0F};
    d.views.assign(1, ViewAngle{0.0F, 0.0F, 1.0F});
    d.n_noise_groups = 0;
    // The beam is 0.05 sides outside of the frame at most; rows are padded to whole vectors.
    const double furthest = 1.0501 * std::sqrt(2.0) * (p.n_pixels + lane_count);
    p.n_table = padded(static_cast<int>(furthest * table_steps) + 2);
    for (int i = -table_margin; i < p.n_table + table_margin; ++i) {
        p.q.push_back(static_cast<float>(p.q_of(static_cast<double>(i) / table_steps)));
    }
    find_directions(p);
    return p;
}

}  // namespace nanotilt
