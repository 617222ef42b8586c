// The perfect crystal as its Fourier series, and contamination as waves: both are sums of plane waves.
//
// A crystal seen through any probe is sum over reciprocal vectors g of P(g) S(g) exp(2 pi i g . (p - o)) / cell, without windows
// and without an end at the frame's sides; waves with P(g) < 2e-5 are left out.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../../base/elementary.hpp"
#include "../../base/random_numbers.hpp"
#include "../../instruments/atom_imaging.hpp"
#include "../../program/plan.hpp"
#include "../../scenes/lattices/sites.hpp"
#include "../normals.hpp"
#include "../waves.hpp"
#include "scratch.hpp"

namespace nanotilt {
namespace {

/// What the instrument draws for one sample: widths in pixels, and numbers.
struct DrawnImaging {
    double sigma[probe_terms_limit];
    double background;
    double counts;  // electrons for each carbon atom; of a bright field for a square angstrom
    // Of a bright field, in angstrom and radians.
    double defocus;
    double spherical;
    double focal_spread;
    double convergence;
};

/// All numbers that a sample is drawn from, but those of its defects, adatoms, scan and counts.
struct DrawnNumbers {
    alignas(64) float normals[normals_per_group];
    alignas(64) std::uint32_t words[normals_per_group];

    [[nodiscard]] LatticeNumbers view() const { return {normals, words}; }
};

inline void draw_numbers(const StreamPosition& at, DrawnNumbers& drawn) {
    fill_normals(at, {{Purpose::lattice, 1, drawn.normals}});
    PhiloxGroup blocks;
    draw_group(0, static_cast<std::uint32_t>(Purpose::lattice) | lattice_words_object << object_shift | at.domain,
               static_cast<std::uint32_t>(at.index), static_cast<std::uint32_t>(at.index >> 32), at.key, blocks);
    std::memcpy(drawn.words, blocks.words, sizeof drawn.words);
}

inline DrawnImaging draw_imaging(const AtomPlan& atoms, const LatticeNumbers& numbers) {
    DrawnImaging drawn{};
    for (int k = 0; k < atoms.n_terms; ++k) {
        const auto& range = atoms.sigma[static_cast<std::size_t>(k)];
        drawn.sigma[k] = uniform_between(range[0], range[1], numbers.words[probe_words + k]) / atoms.pixel;
    }
    drawn.background = uniform_between(atoms.background[0], atoms.background[1], numbers.words[background_word]);
    if (atoms.bright) {
        const BrightPlan& b = *atoms.bright;
        const std::uint32_t* words = numbers.words + imaging_words;
        drawn.defocus = uniform_between(b.defocus[0], b.defocus[1], words[0]);
        drawn.spherical = uniform_between(b.spherical[0], b.spherical[1], words[1]);
        drawn.focal_spread = uniform_between(b.focal_spread[0], b.focal_spread[1], words[2]);
        drawn.convergence = uniform_between(b.convergence[0], b.convergence[1], words[3]);
    }
    drawn.counts = 1.0;
    if (atoms.counted()) {
        const auto more = static_cast<float>(atoms.log_counts * uniform_of(numbers.words[counts_word]));
        drawn.counts = atoms.counts[0] * static_cast<double>(exp_float(more));
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
        s.coarse_places[column] = static_cast<float>(2.0 * (place - 1.0));
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

/// The crystal's waves as it lies: turns per pixel.
class WaveVectors {
   public:
    explicit WaveVectors(const PlacedLattice& lattice)
        : f_(lattice), inverse_(1.0 / (lattice.plan->a * (lattice.xx * lattice.yy - lattice.xy * lattice.yx))) {}

    /// F^-T (h b1 + k b2).
    [[nodiscard]] std::array<double, 2> of(const std::array<int, 2>& hk) const {
        constexpr double inverse_root3 = 0.57735026918962576;
        const double across = hk[0] * inverse_;
        const double up = (2.0 * hk[1] - hk[0]) * (inverse_root3 * inverse_);
        return {f_.yy * across - f_.yx * up, f_.xx * up - f_.xy * across};
    }

   private:
    const PlacedLattice& f_;
    double inverse_;
};

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

/// Turns per pixel of each wave, in s.wave_x and s.wave_y; beyond the last up to a whole vector such that no probe sees them.
inline void write_wave_vectors(const PlacedLattice& lattice, const std::vector<std::array<int, 2>>& waves, AtomScratch& s) {
    const WaveVectors vectors(lattice);
    const std::ptrdiff_t n_waves = std::ssize(waves);
    for (std::ptrdiff_t i = 0; i < padded(static_cast<int>(n_waves)); ++i) {
        const auto wave = i < n_waves ? vectors.of(waves[static_cast<std::size_t>(i)]) : std::array<double, 2>{1e3, 0.0};
        s.wave_x[i] = static_cast<float>(wave[0]);
        s.wave_y[i] = static_cast<float>(wave[1]);
    }
}

/// What the probe leaves of each wave of a dark field, times what the atoms at A and at B weigh, in s.of_a and s.of_b.
inline void write_transfer(const AtomPlan& atoms, const LatticePlan& plan, const DrawnImaging& drawn, std::ptrdiff_t n_waves,
                           AtomScratch& s) {
    const auto weight_a = static_cast<float>(weight_of(atoms, plan.columns[0]));
    const auto weight_b = static_cast<float>(weight_of(atoms, plan.columns[1]));
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
            s.of_a[first + lane] = weight_a * sum[lane];
            s.of_b[first + lane] = weight_b * sum[lane];
        }
    }
}

/// Tables of the crystal's waves, from their amplitudes in s.of_a and s.of_b, those left out that have less than `least`. Returns
/// how many there are.
inline int write_crystal(const AtomPlan& atoms, const PlacedLattice& lattice, const std::vector<std::array<int, 2>>& waves,
                         double of_cell, float least, AtomScratch& s, StopPoints& points) {
    constexpr double half_root3 = 0.86602540378443865;
    const WaveVectors vectors(lattice);
    const std::ptrdiff_t n_waves = std::ssize(waves);
    const bool bent = bends(atoms);
    int used = 0;
    for (std::ptrdiff_t i = 0; i < n_waves && !points.stop_after(4 * atoms.n_pixels); ++i) {
        if (std::fabs(s.of_a[i]) + std::fabs(s.of_b[i]) < least) {
            continue;
        }
        const auto& hk = waves[static_cast<std::size_t>(i)];
        const auto [x, y] = vectors.of(hk);
        // exp(-2 pi i (h + k) / 3): B lies at a third of both vectors. Both g and -g count.
        const int third = ((hk[0] + hk[1]) % 3 + 3) % 3;
        const double real = third == 0 ? 1.0 : -0.5;
        const double imaginary = third == 0 ? 0.0 : (third == 1 ? half_root3 : -half_root3);
        const double at_a = 2.0 * of_cell * static_cast<double>(s.of_a[i]);
        const double at_b = 2.0 * of_cell * static_cast<double>(s.of_b[i]);
        const Wave wave{x, y, -(x * lattice.x + y * lattice.y), static_cast<float>(at_a + at_b * real),
                        static_cast<float>(at_b * imaginary)};
        write_wave(wave, bent, atoms.n_pixels, used++, s);
    }
    return used;
}

/// Draws the sum of the waves whose tables are written, from `start` on: use(row of values, number of the row, columns).
template <class Use>
inline void draw_waves(const AtomPlan& atoms, int n_waves, float start, AtomScratch& s, StopPoints& points, const Use& use) {
    const int n = atoms.n_pixels;
    const WaveTables tables{s.cos_x, s.sin_x, s.cos_y, s.sin_y, s.columns, s.pitch};
    Ramp ramp{{}, 0.0F};
    for (float& value : ramp.start) {
        value = start;
    }
    for (int row = 0; row < n && !points.stop_after(n * (n_waves + 4) / 4); row += rows_together) {
        add_up_waves(tables, n_waves, n, row, ramp, s.rows);
        for (int r = 0; r < rows_together && row + r < n; ++r) {
            use(s.rows + r * s.pitch, row + r, n);
        }
    }
}

/// Tables of the contamination: wave vectors are normal, of 1 / length in both directions, as for an exponentially falling spectrum
/// of exp(-(k l)^2 / 2). Returns how many there are.
inline int write_contamination(const AtomPlan& atoms, const LatticePlan& plan, const LatticeNumbers& numbers, double middle,
                               AtomScratch& s) {
    if (plan.contamination == 0.0) {
        return 0;
    }
    const double amplitude = plan.contamination * std::sqrt(2.0 / waves_of_contamination);
    const double per_pixel = atoms.pixel / (2.0 * pi * plan.contamination_length);
    for (int m = 0; m < waves_of_contamination; ++m) {
        const double x = per_pixel * static_cast<double>(numbers.normals[contamination_normals + 2 * m]);
        const double y = per_pixel * static_cast<double>(numbers.normals[contamination_normals + 2 * m + 1]);
        const double turns = uniform_of(numbers.words[contamination_words + m]) - (x + y) * middle;
        write_wave({x, y, turns, static_cast<float>(amplitude), 0.0F}, bends(atoms), atoms.n_pixels, m, s);
    }
    return waves_of_contamination;
}

}  // namespace
}  // namespace nanotilt
