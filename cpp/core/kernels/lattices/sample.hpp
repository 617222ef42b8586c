// One sample of a crystal: its image, what the detector makes of it, and its truths.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../../base/stop.hpp"
#include "../../scenes/lattices/truths.hpp"
#include "../counting.hpp"
#include "../images.hpp"
#include "bright.hpp"
#include "crystal.hpp"
#include "scratch.hpp"
#include "spots.hpp"

namespace nanotilt {
namespace {

/// Where the outputs of one sample go; null where one is not asked for.
struct AtomOutputs {
    float* views;
    void* const* truths;

    template <class T>
    [[nodiscard]] T* of(LatticeTruth truth) const {
        return static_cast<T*>(truths[truth]);
    }
    [[nodiscard]] bool needs_image() const { return views != nullptr || truths[perfect_truth] != nullptr; }
};

/// Expected electrons of the background and, where it has a series, of the perfect crystal, into s.image.
inline void write_perfect(const AtomPlan& atoms, const ParticlePlan& particle, const PlacedLattice& lattice,
                          const DrawnImaging& drawn, const StreamPosition& at, const LatticeNumbers& numbers, AtomScratch& s,
                          StopPoints& points) {
    const LatticePlan& plan = *particle.lattice;
    const double in_cell = drawn.counts * (weight_of(atoms, plan.columns[0]) + weight_of(atoms, plan.columns[1]));
    // The background is a share of what the unstrained crystal's mean would be, so that strain does not show in it.
    constexpr double half_root3 = 0.86602540378443865;
    const auto mean = static_cast<float>(in_cell * atoms.pixel * atoms.pixel / (plan.a * plan.a * half_root3));
    const int n_contaminations = write_contamination(atoms, plan, numbers, lattice.middle_x, s);
    draw_waves(atoms, n_contaminations, static_cast<float>(drawn.background), s, points,
               [&s, mean](const float* __restrict from, std::ptrdiff_t row, int columns) {
                   float* __restrict to = s.image + row * columns;
                   for (int i = 0; i < columns; ++i) {
                       to[i] = mean * larger(from[i], 0.0F);
                   }
               });
    if (plan.periodic()) {
        write_wave_vectors(lattice, *particle.waves, s);
        write_transfer(atoms, plan, drawn, std::ssize(*particle.waves), s);
        const int n_waves =
            write_crystal(atoms, lattice, *particle.waves, drawn.counts / lattice.cell(), least_transfer, s, points);
        draw_waves(atoms, n_waves, static_cast<float>(in_cell / lattice.cell()), s, points,
                   [&s](const float* __restrict from, std::ptrdiff_t row, int columns) {
                       float* __restrict to = s.image + row * columns;
                       for (int i = 0; i < columns; ++i) {
                           to[i] += from[i];
                       }
                   });
    }
    if (!plan.periodic() || plan.adatoms > 0.0) {
        clear_spots(atoms, s);
        if (!plan.periodic()) {
            add_sheet(atoms, lattice, drawn, s, points);
        }
        if (plan.adatoms > 0.0) {
            add_adatoms(atoms, plan, at, drawn, s, points);
        }
    }
}

/// Adds what is in both grids of spots to the image.
inline void add_spots(const AtomPlan& atoms, const DrawnImaging& drawn, AtomScratch& s) {
    const std::ptrdiff_t n = atoms.n_pixels;
    const SpotGrid fine = fine_grid(atoms, s);
    for (std::ptrdiff_t row = 0; row < n; ++row) {
        const float* __restrict from = fine.values + row * fine.pitch;
        float* __restrict to = s.image + row * n;
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            to[i] += from[i];
        }
    }
    for (int k = 0; k < atoms.n_terms; ++k) {
        if (is_coarse(atoms, drawn.sigma[k])) {
            add_coarse(atoms, s);
            return;
        }
    }
}

/// Cuts at 0: what series and windows leave out makes the darkest pixels negative by some 1e-4 of the mean.
inline void cut_at_zero(float* __restrict values, std::ptrdiff_t n) {
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        values[i] = larger(values[i], 0.0F);
    }
}

/// Expected electrons into s.image and, where it is not null, those of the perfect crystal into `clean`.
inline void write_dark_field(const AtomPlan& atoms, const ParticlePlan& particle, const PlacedLattice& lattice,
                             const DrawnImaging& drawn, const StreamPosition& at, const LatticeNumbers& numbers, float* clean,
                             AtomScratch& s, StopPoints& points) {
    const LatticePlan& plan = *particle.lattice;
    const std::ptrdiff_t n = atoms.n_values();
    write_perfect(atoms, particle, lattice, drawn, at, numbers, s, points);
    if (!plan.periodic() || plan.adatoms > 0.0) {
        add_spots(atoms, drawn, s);
    }
    if (clean != nullptr) {
        std::memcpy(clean, s.image, static_cast<std::size_t>(n) * sizeof(float));
        cut_at_zero(clean, n);
    }
    if (lattice.n_defects > 0) {
        clear_spots(atoms, s);
        add_changes(atoms, lattice, drawn, s, points);
        add_spots(atoms, drawn, s);
    }
    cut_at_zero(s.image, n);
}

/// How a view's values become what is given.
struct Scaling {
    bool stabilised;  // 2 sqrt(n + 3/8) (Anscombe 1948)
    float offset;
    float scale;
};

inline float stabilised(float value) {
    return 2.0F * std::sqrt(larger(value + 0.375F, 0.0F));
}

/// Mean and spread of a view after stabilising; a view without spread is only shifted.
inline Scaling scaling_of(const AtomPlan& atoms, const DetectorPlan& detector, const float* __restrict values) {
    if (!atoms.standardised) {
        return {false, detector.normalise_offset, detector.normalise_scale};
    }
    const std::ptrdiff_t n = atoms.n_values();
    const bool counted = atoms.counted();
    double sums[sum_lanes] = {};
    double squares[sum_lanes] = {};
    for (std::ptrdiff_t first = 0; first < n; first += sum_lanes) {
        const std::ptrdiff_t count = n - first < sum_lanes ? n - first : sum_lanes;
        for (std::ptrdiff_t lane = 0; lane < count; ++lane) {
            const float value = values[first + lane];
            const auto x = static_cast<double>(counted ? stabilised(value) : value);
            sums[lane] += x;
            squares[lane] += x * x;
        }
    }
    double sum = 0.0;
    double square = 0.0;
    for (std::ptrdiff_t lane = 0; lane < sum_lanes; ++lane) {
        sum += sums[lane];
        square += squares[lane];
    }
    const double mean = sum / static_cast<double>(n);
    const double variance = square / static_cast<double>(n) - mean * mean;
    // Below this a view has one value but for rounding.
    const bool flat = !(variance > 1e-12 * (mean * mean + 1e-300));
    return {counted, static_cast<float>(mean), flat ? 1.0F : static_cast<float>(1.0 / std::sqrt(variance))};
}

/// `out` may be `values`.
inline void write_scaled(const float* values, std::ptrdiff_t n, const Scaling& scaling, float* out) {
    if (scaling.stabilised) {
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            out[i] = (stabilised(values[i]) - scaling.offset) * scaling.scale;
        }
        return;
    }
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        out[i] = (values[i] - scaling.offset) * scaling.scale;
    }
}

/// Counts, readout noise and saturation, of expected electrons in place.
inline void detect_electrons(const AtomPlan& atoms, const StreamPosition& at, float* values, StopPoints& points) {
    const std::ptrdiff_t n = atoms.n_values();
    if (atoms.counted()) {
        count(values, n, 1.0, atoms.counting, at, 0, points);
    }
    if (atoms.readout_noise > 0.0F) {
        add_readout(at, 0, n, atoms.readout_noise, values);
    }
    if (atoms.saturation > 0.0F) {
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            values[i] = values[i] < atoms.saturation ? values[i] : atoms.saturation;
        }
    }
}

inline void write_lattice_lists(const AtomPlan& atoms, const PlacedLattice& lattice, const DrawnImaging& drawn,
                                const AtomOutputs& out) {
    const LatticePlan& plan = *lattice.plan;
    if (auto* to = out.of<float>(defects_truth)) {
        write_defects(lattice, to);
    }
    if (auto* to = out.of<std::int32_t>(n_defects_truth)) {
        const std::int32_t n = lattice.n_defects;
        std::memcpy(to, &n, sizeof n);
    }
    const int most = most_atoms(plan, atoms.n_pixels, atoms.pixel);
    auto* rows = out.of<float>(atoms_truth);
    auto* n_rows = out.of<std::int32_t>(n_atoms_truth);
    if (rows != nullptr || n_rows != nullptr) {
        const std::int32_t n = write_atoms(lattice, atoms.n_pixels, most, rows);
        if (n_rows != nullptr) {
            std::memcpy(n_rows, &n, sizeof n);
        }
    }
    if (auto* to = out.of<std::uint8_t>(defect_mask_truth)) {
        write_defect_mask(lattice, atoms.n_pixels, to);
    }
    if (auto* to = out.of<float>(counts_truth)) {
        const auto told = static_cast<float>(drawn.counts);
        std::memcpy(to, &told, sizeof told);
    }
    if (auto* to = out.of<float>(pose_truth)) {
        const double pose[n_pose_values] = {lattice.x, lattice.y, lattice.xx, lattice.xy, lattice.yx, lattice.yy};
        for (int i = 0; i < n_pose_values; ++i) {
            to[i] = static_cast<float>(pose[i]);
        }
    }
    if (auto* to = out.of<float>(imaging_truth)) {
        std::memset(to, 0, n_imaging_values * sizeof(float));
        if (atoms.bright) {
            to[0] = static_cast<float>(drawn.defocus);
            to[1] = static_cast<float>(drawn.spherical);
            to[2] = static_cast<float>(drawn.focal_spread);
            to[3] = static_cast<float>(drawn.convergence);
            return;
        }
        to[0] = static_cast<float>(drawn.background);
        for (int k = 0; k < atoms.n_terms; ++k) {
            to[1 + k] = static_cast<float>(drawn.sigma[k] * atoms.pixel);
        }
    }
}

/// All that is asked of one sample whose class is known. `truths`: in the order of LatticeTruth.
inline void image_atoms(const Plan& plan, const ParticlePlan& particle, const StreamPosition& at, float* views, void* const* truths,
                        AtomScratch& s, StopPoints& points) {
    const AtomPlan& atoms = *plan.atoms;
    const LatticePlan& scene = *particle.lattice;
    const AtomOutputs out{views, truths};
    DrawnNumbers numbers;
    draw_numbers(at, numbers);
    const PlacedLattice lattice = place_lattice(scene, at, numbers.view(), atoms.n_pixels, atoms.pixel);
    const DrawnImaging drawn = draw_imaging(atoms, numbers.view());
    write_lattice_lists(atoms, lattice, drawn, out);
    if (!out.needs_image()) {
        return;
    }
    const std::ptrdiff_t n = atoms.n_values();
    write_scan_of_atoms(atoms, at, s);
    auto* clean = out.of<float>(perfect_truth);
    if (atoms.bright) {
        write_bright_field(atoms, particle, lattice, drawn, numbers.view(), clean, s, points);
    } else {
        write_dark_field(atoms, particle, lattice, drawn, at, numbers.view(), clean, s, points);
    }
    detect_electrons(atoms, at, s.image, points);
    const Scaling scaling = scaling_of(atoms, plan.detector, s.image);
    if (views != nullptr) {
        write_scaled(s.image, n, scaling, views);
    }
    if (clean != nullptr) {
        write_scaled(clean, n, scaling, clean);
    }
}

}  // namespace
}  // namespace nanotilt
