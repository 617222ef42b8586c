// A bright field: the wave behind a thin object is 1 + i phase, the objective lens turns phase into amplitude, and the camera
// counts.
//
// With V the projected potential, psi = 1 + F^-1[i sigma V exp(-i chi) E]; to first order in sigma V the intensity is 1 + 2 a, to
// second (1 + a)^2 + b^2, with a and b the real and imaginary part of that inverse transform: sums over atoms of two real kernels.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../../base/elementary.hpp"
#include "../../base/random_numbers.hpp"
#include "../../instruments/atom_imaging.hpp"
#include "../../scenes/lattices/sites.hpp"
#include "crystal.hpp"
#include "modes.hpp"
#include "scratch.hpp"

namespace nanotilt {
namespace {

/// What the lens does to the waves of these squared frequencies, in whole vectors: sin chi and cos chi times the envelopes of focal
/// spread and of convergence, and times the phase that a potential gives.
inline void write_lens(const BrightPlan& b, const DrawnImaging& drawn, const float* __restrict frequency2, std::ptrdiff_t n,
                       float* __restrict real, float* __restrict imaginary) {
    const double lambda = b.wavelength;
    // chi over 2 pi: -lambda D q^2 / 2 + Cs lambda^3 q^4 / 4.
    const auto by_defocus = static_cast<float>(-0.5 * lambda * drawn.defocus);
    const auto by_spherical = static_cast<float>(0.25 * lambda * lambda * lambda * drawn.spherical);
    const double spread = pi * lambda * drawn.focal_spread;
    const auto by_spread = static_cast<float>(-0.5 * spread * spread);
    const auto angle = static_cast<float>(pi * drawn.convergence);
    const auto slope_of_defocus = static_cast<float>(-drawn.defocus);
    const auto slope_of_spherical = static_cast<float>(drawn.spherical * lambda * lambda);
    const auto phase = static_cast<float>(b.phase_of_potential);
    for (std::ptrdiff_t first = 0; first < n; first += lane_count) {
        NANOTILT_LANES
        for (std::ptrdiff_t lane = 0; lane < lane_count; ++lane) {
            const float q2 = frequency2[first + lane];
            const SinCos chi = sincos_of_turn(word_of_turns(q2 * (by_defocus + by_spherical * q2)));
            const float slope = angle * (slope_of_defocus + slope_of_spherical * q2);  // times q
            const float envelope = phase * exp_float(by_spread * q2 * q2 - slope * slope * q2);
            real[first + lane] = envelope * chi.sin;
            imaginary[first + lane] = envelope * chi.cos;
        }
    }
}

/// Amplitudes of the crystal's waves at A and at B, of the kernel `lens`. `q2`: squared frequencies of the waves.
inline void write_amplitudes(const BrightPlan& b, const LatticePlan& plan, const float* q2, const float* lens,
                             std::ptrdiff_t n_waves, AtomScratch& s) {
    for (std::ptrdiff_t i = 0; i < n_waves; ++i) {
        double at[2] = {};
        for (std::size_t column = 0; column < 2; ++column) {
            const Column& atoms = plan.columns[column];
            for (int k = 0; k < atoms.n; ++k) {
                const bool again = k > 0 && atoms.elements[1] == atoms.elements[0];
                const double one =
                    again ? 0.0 : b.potential_at(atoms.elements[static_cast<std::size_t>(k)], static_cast<double>(q2[i]));
                at[column] = again ? 2.0 * at[column] : at[column] + one;
            }
        }
        s.of_a[i] = static_cast<float>(at[0]) * lens[i];
        s.of_b[i] = static_cast<float>(at[1]) * lens[i];
    }
}

/// One part of the wave behind the perfect crystal, n x n, into `image`.
inline void write_crystal_part(const AtomPlan& atoms, const ParticlePlan& particle, const PlacedLattice& lattice, const float* lens,
                               AtomScratch& s, float* image, StopPoints& points) {
    const std::ptrdiff_t n_waves = std::ssize(*particle.waves);
    write_amplitudes(*atoms.bright, *lattice.plan, s.frequency2, lens, n_waves, s);
    // A wave below 1e-6 of the beam is not drawn: potentials are in volt angstrom^2, cells in pixels.
    const double per_cell = 1.0 / (lattice.cell() * atoms.pixel * atoms.pixel);
    const int used = write_crystal(atoms, lattice, *particle.waves, per_cell, static_cast<float>(1e-6 / per_cell), s, points);
    draw_waves(atoms, used, 0.0F, s, points, [image](const float* __restrict from, std::ptrdiff_t row, int n) {
        std::memcpy(image + row * n, from, static_cast<std::size_t>(n) * sizeof(float));
    });
}

/// Adds what each defect changes, to the real part and, to second order, to the imaginary one.
inline void add_changes_to_wave(const AtomPlan& atoms, const PlacedLattice& lattice, const DrawnImaging& drawn, AtomScratch& s,
                                StopPoints& points) {
    const BrightPlan& b = *atoms.bright;
    write_lens(b, drawn, b.frequency2.data(), b.n_modes(), s.lens_real, s.lens_imaginary);
    for (int k = 0; k < lattice.n_defects && !points.stop_after(b.n_modes()); ++k) {
        const PlacedDefect& defect = lattice.defects[static_cast<std::size_t>(k)];
        const auto [x, y] = lattice.seen_at(lattice.bond * defect.x, lattice.bond * defect.y);
        const double room = atoms.n_pixels - b.window;
        const auto first_of = [&](double place) { return std::floor(std::fmin(std::fmax(place - 0.5 * b.window, 0.0), room)); };
        const double left = first_of(x);
        const double top = first_of(y);
        write_modes(b, lattice, k, left, top, s, points);
        add_modes(atoms, s.lens_real, static_cast<std::ptrdiff_t>(left), static_cast<std::ptrdiff_t>(top), s, s.image, points);
        if (b.second_order) {
            add_modes(atoms, s.lens_imaginary, static_cast<std::ptrdiff_t>(left), static_cast<std::ptrdiff_t>(top), s, s.other,
                      points);
        }
    }
}

/// Expected electrons from both parts of the wave; `lit` is the unevenness of the illumination. `out` may be `real`.
inline void write_intensity(const AtomPlan& atoms, const DrawnImaging& drawn, const float* real, const float* imaginary,
                            const float* lit, float* out) {
    const auto dose = static_cast<float>(drawn.counts * atoms.pixel * atoms.pixel);
    const std::ptrdiff_t n = atoms.n_values();
    if (atoms.bright->second_order) {
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            const float a = 1.0F + real[i];
            out[i] = larger(dose * lit[i] * (a * a + imaginary[i] * imaginary[i]), 0.0F);
        }
        return;
    }
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        out[i] = larger(dose * lit[i] * (1.0F + 2.0F * real[i]), 0.0F);
    }
}

/// Expected electrons into s.image and, where it is not null, those of the perfect crystal into `clean`.
inline void write_bright_field(const AtomPlan& atoms, const ParticlePlan& particle, const PlacedLattice& lattice,
                               const DrawnImaging& drawn, const LatticeNumbers& numbers, float* clean, AtomScratch& s,
                               StopPoints& points) {
    const BrightPlan& b = *atoms.bright;
    const std::ptrdiff_t n_waves = std::ssize(*particle.waves);
    write_wave_vectors(lattice, *particle.waves, s);
    const double per_angstrom2 = 1.0 / (atoms.pixel * atoms.pixel);
    for (std::ptrdiff_t i = 0; i < padded(static_cast<int>(n_waves)); ++i) {
        // What lies beyond the last wave is given a frequency at which nothing is left.
        const float length2 = s.wave_x[i] * s.wave_x[i] + s.wave_y[i] * s.wave_y[i];
        s.frequency2[i] = i < n_waves ? length2 * static_cast<float>(per_angstrom2) : 1.0F;
    }
    const int n_contaminations = write_contamination(atoms, *particle.lattice, numbers, lattice.middle_x, s);
    draw_waves(atoms, n_contaminations, 1.0F, s, points, [&s](const float* __restrict from, std::ptrdiff_t row, int n) {
        float* __restrict to = s.lit + row * n;
        for (int i = 0; i < n; ++i) {
            to[i] = larger(from[i], 0.0F);
        }
    });
    write_lens(b, drawn, s.frequency2, padded(static_cast<int>(n_waves)), s.wave_lens_real, s.wave_lens_imaginary);
    write_crystal_part(atoms, particle, lattice, s.wave_lens_real, s, s.image, points);
    if (b.second_order) {
        write_crystal_part(atoms, particle, lattice, s.wave_lens_imaginary, s, s.other, points);
    }
    if (clean != nullptr) {
        write_intensity(atoms, drawn, s.image, s.other, s.lit, clean);
    }
    if (lattice.n_defects > 0) {
        add_changes_to_wave(atoms, lattice, drawn, s, points);
    }
    write_intensity(atoms, drawn, s.image, s.other, s.lit, s.image);
}

}  // namespace
}  // namespace nanotilt
