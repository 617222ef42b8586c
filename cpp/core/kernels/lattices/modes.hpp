// What defects change in a bright field, as modes of a period about each: kernels there reach too far for windows.
//
// Waves +-a / period across and +-b / period up are kept together: with c, s the cosine and sine of an atom's phase in a, C and S
// in b, the sums of C c, S s, S c and C s over all atoms hold all four.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../../base/elementary.hpp"
#include "../../instruments/atom_imaging.hpp"
#include "../../scenes/lattices/sites.hpp"
#include "../waves.hpp"
#include "crystal.hpp"
#include "scratch.hpp"

namespace nanotilt {
namespace {

/// `weight` times cosine and sine of 0, 1, 2, ... steps.
inline void write_turns(std::uint32_t step, std::ptrdiff_t count, float weight, float* __restrict cosine, float* __restrict sine) {
    for (std::ptrdiff_t first = 0; first < count; first += lane_count) {
        NANOTILT_LANES
        for (std::ptrdiff_t lane = 0; lane < lane_count; ++lane) {
            const SinCos turn = sincos_of_turn(step * static_cast<std::uint32_t>(first + lane));
            cosine[first + lane] = weight * turn.cos;
            sine[first + lane] = weight * turn.sin;
        }
    }
}

/// Tables of an atom at (x, y) from the square's first pixel: cosine and sine of its phase in each a, and in each b times its
/// weight.
inline void write_phases(const BrightPlan& b, double x, double y, float weight, std::ptrdiff_t atom, AtomScratch& s) {
    const std::ptrdiff_t width = b.most_across();
    const std::ptrdiff_t rows = padded(static_cast<int>(b.reach.size()));
    write_turns(word_of_turns(x / b.period), width, 1.0F, s.across_cos + atom * width, s.across_sin + atom * width);
    write_turns(word_of_turns(y / b.period), rows, weight, s.up_cos + atom * rows, s.up_sin + atom * rows);
}

/// Adds the potentials of atoms of one element, whose phases are written, to all modes: with c, s of a and C, S of b the sums of C
/// c, S s, S c and C s. Each sum goes over the atoms in their order and stays in a register.
inline void add_to_modes(const BrightPlan& b, int element, std::ptrdiff_t first_atom, std::ptrdiff_t end, AtomScratch& s) {
    const std::ptrdiff_t width = b.most_across();
    const auto n_rows = static_cast<std::ptrdiff_t>(b.reach.size());
    const std::ptrdiff_t rows = padded(static_cast<int>(n_rows));
    for (std::ptrdiff_t row = 0; row < n_rows; ++row) {
        const std::ptrdiff_t begin = b.first_mode[static_cast<std::size_t>(row)];
        const std::ptrdiff_t count = b.first_mode[static_cast<std::size_t>(row) + 1] - begin;
        const float* potential = b.potential[static_cast<std::size_t>(element)].data() + begin;
        for (std::ptrdiff_t first = 0; first < count; first += wave_lanes) {
            WaveLanes sums[4] = {};
            for (std::ptrdiff_t atom = first_atom; atom < end; ++atom) {
                const WaveLanes cosine = load_wave(s.across_cos + atom * width + first);
                const WaveLanes sine = load_wave(s.across_sin + atom * width + first);
                const WaveLanes up_cos = WaveLanes{} + s.up_cos[atom * rows + row];
                const WaveLanes up_sin = WaveLanes{} + s.up_sin[atom * rows + row];
                sums[0] += up_cos * cosine;
                sums[1] += up_sin * sine;
                sums[2] += up_sin * cosine;
                sums[3] += up_cos * sine;
            }
            const WaveLanes of_mode = load_wave(potential + first);
            for (int part = 0; part < 4; ++part) {
                float* mode = s.modes[part] + begin + first;
                const WaveLanes total = load_wave(mode) + of_mode * sums[part];
                std::memcpy(mode, &total, sizeof total);
            }
        }
    }
}

/// Adds to `image` what the modes, seen through the kernel `lens`, are in the square whose first pixel is (left, top).
inline void add_modes(const AtomPlan& atoms, const float* lens, std::ptrdiff_t left, std::ptrdiff_t top, AtomScratch& s,
                      float* image, StopPoints& points) {
    const BrightPlan& b = *atoms.bright;
    const std::ptrdiff_t width = padded(b.window);
    const auto n_rows = static_cast<std::ptrdiff_t>(b.reach.size());
    // Each mode stands for four waves, over the area of the period, in angstrom^2.
    const double side = b.period * atoms.pixel;
    const auto scale = static_cast<float>(4.0 / (side * side));
    for (std::ptrdiff_t row = 0; row < n_rows && !points.stop_after(width * b.reach[0]); ++row) {
        const std::ptrdiff_t begin = b.first_mode[static_cast<std::size_t>(row)];
        const int reach = b.reach[static_cast<std::size_t>(row)];
        for (std::ptrdiff_t first = 0; first < width; first += wave_lanes) {
            WaveLanes even{};
            WaveLanes odd{};
            for (int a = 0; a <= reach; ++a) {
                const WaveLanes cosine = load_wave(b.cosine.data() + a * width + first);
                const WaveLanes sine = load_wave(b.sine.data() + a * width + first);
                const float seen = scale * lens[begin + a];
                even += (WaveLanes{} + seen * s.modes[0][begin + a]) * cosine + (WaveLanes{} + seen * s.modes[3][begin + a]) * sine;
                odd += (WaveLanes{} + seen * s.modes[2][begin + a]) * cosine + (WaveLanes{} + seen * s.modes[1][begin + a]) * sine;
            }
            std::memcpy(s.stripes_even + row * width + first, &even, sizeof even);
            std::memcpy(s.stripes_odd + row * width + first, &odd, sizeof odd);
        }
    }
    const std::ptrdiff_t n = atoms.n_pixels;
    for (std::ptrdiff_t y = 0; y < b.window && !points.stop_after(width * n_rows / 4); ++y) {
        for (std::ptrdiff_t first = 0; first < width; first += wave_lanes) {
            WaveLanes sum{};
            for (std::ptrdiff_t row = 0; row < n_rows; ++row) {
                const WaveLanes cosine = WaveLanes{} + b.cosine[static_cast<std::size_t>(row * width + y)];
                const WaveLanes sine = WaveLanes{} + b.sine[static_cast<std::size_t>(row * width + y)];
                sum += cosine * load_wave(s.stripes_even + row * width + first) +
                       sine * load_wave(s.stripes_odd + row * width + first);
            }
            std::memcpy(s.rows + first, &sum, sizeof sum);
        }
        float* __restrict to = image + (top + y) * n + left;
        const float* __restrict line = s.rows;
        for (int i = 0; i < b.window; ++i) {
            to[i] += line[i];
        }
    }
}

/// What one defect changes, in all modes. (left, top): the square's first pixel.
inline void write_modes(const BrightPlan& b, const PlacedLattice& lattice, int k, double left, double top, AtomScratch& s,
                        StopPoints& points) {
    constexpr double felt = 0.01;  // bonds: what moves by less is left as it is
    const double reach = 0.5 * (b.period - b.window);
    std::ptrdiff_t n_atoms = 0;
    const auto add = [&](double at_x, double at_y, const Column& column, float weight) {
        const double across = at_x - left;
        const double up = at_y - top;
        if (across < -reach || across > b.window + reach || up < -reach || up > b.window + reach) {
            return;
        }
        for (int i = 0; i < column.n; ++i) {
            s.atoms[n_atoms++] = {across, up, column.elements[static_cast<std::size_t>(i)], weight};
        }
    };
    for_each_changed_site(lattice, k, [&](const ChangedSite& site) {
        if (site.replaced || site.moved > felt) {
            add(site.x, site.y, site.before, -1.0F);
            add(site.new_x, site.new_y, site.after, 1.0F);
        }
    });
    const std::ptrdiff_t n_modes = b.n_modes();
    for (float* part : s.modes) {
        std::memset(part, 0, static_cast<std::size_t>(n_modes) * sizeof(float));
    }
    // Element by element, some atoms at a time, so that their tables stay in the cache.
    for (int element = 0; element < n_elements; ++element) {
        std::ptrdiff_t held = 0;
        for (std::ptrdiff_t i = 0; i < n_atoms; ++i) {
            if (s.atoms[i].element != element) {
                continue;
            }
            write_phases(b, s.atoms[i].x, s.atoms[i].y, s.atoms[i].weight, held++, s);
            if (held == atoms_together) {
                add_to_modes(b, element, 0, held, s);
                held = 0;
                if (points.stop_after(n_modes * atoms_together / 4)) {
                    return;
                }
            }
        }
        if (held > 0) {
            add_to_modes(b, element, 0, held, s);
        }
    }
}

}  // namespace
}  // namespace nanotilt
