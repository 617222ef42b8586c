// The perfect crystal as its Fourier series, and contamination as waves: both are sums of plane waves.
//
// A crystal seen through any probe is sum over reciprocal vectors g of P(g) S(g) exp(2 pi i g . (p - o)) / cell, without windows
// and without an end at the frame's sides; waves with P(g) < 2e-5 are left out.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "../../base/elementary.hpp"
#include "../../base/random_numbers.hpp"
#include "../../instruments/atom_imaging.hpp"
#include "../../program/plan.hpp"
#include "../../scenes/lattice_sites.hpp"
#include "../waves.hpp"
#include "scratch.hpp"

namespace nanotilt {
namespace {

/// What the instrument draws for one sample: widths in pixels, and numbers.
struct DrawnImaging {
    double sigma[probe_terms_limit];
    double background;
    double counts;  // electrons for each carbon atom
};

inline DrawnImaging draw_imaging(const AtomPlan& atoms, const StreamPosition& at) {
    DrawnImaging drawn{};
    const PhiloxWords place = random_words(at, Purpose::lattice, place_block_of_lattice);
    const PhiloxWords tilts = random_words(at, Purpose::lattice, tilt_block);
    const PhiloxWords probe = random_words(at, Purpose::lattice, probe_block);
    for (int k = 0; k < atoms.n_terms; ++k) {
        const auto& range = atoms.sigma[static_cast<std::size_t>(k)];
        drawn.sigma[k] = uniform_between(range[0], range[1], probe.w[k]) / atoms.pixel;
    }
    drawn.background = uniform_between(atoms.background[0], atoms.background[1], tilts.w[1]);
    drawn.counts = 1.0;
    if (atoms.counted()) {
        const double uniform = uniform_of(place.w[3]);
        drawn.counts = atoms.counts[0] * exp_double(uniform * log_double(atoms.counts[1] / atoms.counts[0]));
    }
    return drawn;
}

/// Where the scan looks: of each column and of each row.
inline void write_scan_of_atoms(const AtomPlan& atoms, const StreamPosition& at, AtomScratch& s) {
    const int n = atoms.n_pixels;
    double drift_x = 0.0;
    double drift_y = 0.0;
    if (atoms.drift_px > 0.0) {
        const PhiloxWords words = random_words(at, Purpose::scan, drift_block);
        const auto drawn = two_normals(words.w[0], words.w[1]);
        drift_x = atoms.drift_px * drawn[0];
        drift_y = atoms.drift_px * drawn[1];
    }
    const auto rows = static_cast<int>(s.pitch + s.margin);
    for (int row = 0; row < rows; ++row) {
        const double time = (row + 0.5) / n - 0.5;
        double x = drift_x * time;
        if (atoms.jitter_px > 0.0 && row < n) {
            const PhiloxWords words = random_words(at, Purpose::scan, static_cast<std::uint32_t>(row));
            x += atoms.jitter_px * two_normals(words.w[0], words.w[1])[0];
        }
        if (row < s.pitch) {
            s.row_x[row] = static_cast<float>(x);
        }
        s.row_y[row] = static_cast<float>(row + drift_y * time);
    }
    for (std::ptrdiff_t column = -s.margin; column < s.pitch + s.margin; ++column) {
        const auto place = static_cast<double>(column);
        const double started = place > 0.0 ? place : 0.0;
        const double pulled = atoms.flyback_px == 0.0 ? 0.0 : atoms.flyback_px * exp_double(-started / atoms.flyback_columns);
        s.column_x[column] = static_cast<float>(place + pulled);
        if (column >= 0 && column < s.pitch) {
            s.columns[column] = static_cast<float>(column);
        }
    }
}

/// A number of turns as a word of which 2^32 are one.
inline std::uint32_t word_of_turns(double turns) {
    return static_cast<std::uint32_t>(static_cast<std::int64_t>((turns - std::floor(turns)) * 0x1p32));
}

/// The same of a small number of turns, in vectors.
inline std::uint32_t word_of_turns(float turns) {
    const float magic = 12582912.0F;  // 1.5 * 2^23
    const float part = turns - ((turns + magic) - magic);
    return static_cast<std::uint32_t>(static_cast<std::int32_t>(part * 0x1.fffffcp30F)) << 1;
}

/// Tables of one wave C cos + S sin of 2 pi (x . wave + turns).
struct Wave {
    double x, y;  // turns per pixel
    double turns;
    float c, s;
};

inline void write_wave(const Wave& wave, bool bent, int n, std::ptrdiff_t table, AtomScratch& s) {
    const std::uint32_t step_x = word_of_turns(wave.x);
    const std::uint32_t step_y = word_of_turns(wave.y);
    const std::uint32_t start = word_of_turns(wave.turns);
    const auto x = static_cast<float>(wave.x);
    const auto y = static_cast<float>(wave.y);
    float* __restrict cos_x = s.cos_x + table * s.pitch;
    float* __restrict sin_x = s.sin_x + table * s.pitch;
    float* __restrict cos_y = s.cos_y + table * s.pitch;
    float* __restrict sin_y = s.sin_y + table * s.pitch;
    const int whole = padded(n);
    if (bent) {  // what the scan adds to each column and row
        for (int i = 0; i < whole; ++i) {
            const auto column = static_cast<float>(i);
            const SinCos at = sincos_of_turn(step_x * static_cast<std::uint32_t>(i) + word_of_turns(x * (s.column_x[i] - column)));
            cos_x[i] = at.cos;
            sin_x[i] = at.sin;
            const std::uint32_t more = word_of_turns(x * s.row_x[i] + y * (s.row_y[i] - column));
            const SinCos of_row = sincos_of_turn(start + step_y * static_cast<std::uint32_t>(i) + more);
            cos_y[i] = wave.c * of_row.cos + wave.s * of_row.sin;
            sin_y[i] = wave.s * of_row.cos - wave.c * of_row.sin;
        }
        return;
    }
    for (int first = 0; first < whole; first += lane_count) {
        NANOTILT_LANES
        for (int lane = 0; lane < lane_count; ++lane) {
            const auto i = static_cast<std::uint32_t>(first + lane);
            const SinCos at = sincos_of_turn(step_x * i);
            const SinCos of_row = sincos_of_turn(start + step_y * i);
            cos_x[first + lane] = at.cos;
            sin_x[first + lane] = at.sin;
            cos_y[first + lane] = wave.c * of_row.cos + wave.s * of_row.sin;
            sin_y[first + lane] = wave.s * of_row.cos - wave.c * of_row.sin;
        }
    }
}

/// What an atom scatters into the detector, over carbon.
inline double weight_of(const AtomPlan& atoms, const Column& column) {
    double weight = 0.0;
    for (int i = 0; i < column.n; ++i) {
        weight += atoms.weights[static_cast<std::size_t>(column.elements[static_cast<std::size_t>(i)])];
    }
    return weight;
}

inline bool bends(const AtomPlan& atoms) {
    return atoms.jitter_px > 0.0 || atoms.drift_px > 0.0 || atoms.flyback_px != 0.0;
}

/// What the probe leaves of each wave, in s.transfer, for whole vectors of them.
inline void write_transfer(const AtomPlan& atoms, const DrawnImaging& drawn, std::ptrdiff_t n_waves, AtomScratch& s) {
    for (std::ptrdiff_t first = 0; first < n_waves; first += lane_count) {
        float sum[lane_count] = {};
        for (int k = 0; k < atoms.n_terms; ++k) {
            const auto factor = static_cast<float>(-2.0 * pi * pi * drawn.sigma[k] * drawn.sigma[k]);
            const auto share = static_cast<float>(atoms.share[static_cast<std::size_t>(k)]);
            NANOTILT_LANES
            for (int lane = 0; lane < lane_count; ++lane) {
                const float x = s.wave_x[first + lane];
                const float y = s.wave_y[first + lane];
                sum[lane] += share * exp_float(factor * (x * x + y * y));
            }
        }
        for (int lane = 0; lane < lane_count; ++lane) {
            s.transfer[first + lane] = sum[lane];
        }
    }
}

/// Tables of the crystal's waves. Returns how many there are.
inline int write_crystal(const AtomPlan& atoms, const PlacedLattice& lattice, const std::vector<std::array<int, 2>>& waves,
                         const DrawnImaging& drawn, AtomScratch& s, StopPoints& points) {
    const double det = lattice.xx * lattice.yy - lattice.xy * lattice.yx;
    const double a = lattice.plan->a;
    constexpr double inverse_root3 = 0.57735026918962576;
    const auto vector_of = [&](const std::array<int, 2>& hk) -> std::array<double, 2> {
        const double across = hk[0] / a;
        const double up = (2.0 * hk[1] - hk[0]) * inverse_root3 / a;
        return {(lattice.yy * across - lattice.yx * up) / det, (lattice.xx * up - lattice.xy * across) / det};
    };
    const std::ptrdiff_t n_waves = std::ssize(waves);
    for (std::ptrdiff_t i = 0; i < padded(static_cast<int>(n_waves)); ++i) {
        const auto wave = i < n_waves ? vector_of(waves[static_cast<std::size_t>(i)]) : std::array<double, 2>{1e3, 0.0};
        s.wave_x[i] = static_cast<float>(wave[0]);
        s.wave_y[i] = static_cast<float>(wave[1]);
    }
    write_transfer(atoms, drawn, n_waves, s);
    const double weight_a = weight_of(atoms, lattice.plan->columns[0]);
    const double weight_b = weight_of(atoms, lattice.plan->columns[1]);
    const double of_cell = 2.0 * drawn.counts / lattice.cell();
    const bool bent = bends(atoms);
    int used = 0;
    for (std::ptrdiff_t i = 0; i < n_waves && !points.stop_after(4 * atoms.n_pixels); ++i) {
        if (s.transfer[i] < least_transfer) {
            continue;
        }
        const auto& hk = waves[static_cast<std::size_t>(i)];
        const auto [x, y] = vector_of(hk);
        // exp(-2 pi i (h + k) / 3): B lies at a third of both vectors.
        const int third = ((hk[0] + hk[1]) % 3 + 3) % 3;
        const double real = third == 0 ? 1.0 : -0.5;
        const double imaginary = third == 0 ? 0.0 : (third == 1 ? 1.5 : -1.5) * inverse_root3;
        const double size = of_cell * static_cast<double>(s.transfer[i]);
        const Wave wave{x, y, -(x * lattice.x + y * lattice.y), static_cast<float>(size * (weight_a + weight_b * real)),
                        static_cast<float>(size * weight_b * imaginary)};
        write_wave(wave, bent, atoms.n_pixels, used++, s);
    }
    return used;
}

/// Tables of the contamination: wave vectors are normal, of 1 / length in both directions, as for an exponentially falling spectrum
/// of exp(-(k l)^2 / 2). Returns how many there are.
inline int write_contamination(const AtomPlan& atoms, const LatticePlan& plan, const StreamPosition& at, double middle,
                               AtomScratch& s) {
    if (plan.contamination == 0.0) {
        return 0;
    }
    const double amplitude = plan.contamination * std::sqrt(2.0 / waves_of_contamination);
    const double per_pixel = atoms.pixel / (2.0 * pi * plan.contamination_length);
    for (int m = 0; m < waves_of_contamination; ++m) {
        const PhiloxWords words = random_words(at, Purpose::texture, static_cast<std::uint32_t>(m));
        const auto [across, up] = two_normals(words.w[0], words.w[1]);
        const double x = per_pixel * across;
        const double y = per_pixel * up;
        const double turns = uniform_of(words.w[2]) - (x + y) * middle;
        write_wave({x, y, turns, static_cast<float>(amplitude), 0.0F}, bends(atoms), atoms.n_pixels, m, s);
    }
    return waves_of_contamination;
}

}  // namespace
}  // namespace nanotilt
