// Scratch memory of a thread that draws images of atoms.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "../../base/arena.hpp"
#include "../../base/layout.hpp"
#include "../../program/plan.hpp"
#include "../../scenes/lattices/sites.hpp"

namespace nanotilt {

/// Atoms whose tables are held at once: 64 of 32 + 32 numbers, twice, are as much as a processor's nearest cache holds.
inline constexpr std::ptrdiff_t atoms_together = 64;

/// An atom that is there or no longer there.
struct CountedAtom {
    double x, y;  // from the square's first pixel
    int element;
    float weight;
};

struct AtomScratch {
    std::ptrdiff_t pitch;   // between rows of tables and of spots
    std::ptrdiff_t margin;  // columns on both sides of spots, for windows that reach beyond the frame
    std::ptrdiff_t most_waves;
    float* column_x;  // margin on both sides: where each column's pixels are looked at
    float* columns;   // the same without what a scan's start pulls
    float* row_x;     // shift of each row
    float* row_y;     // where each row is looked at; margin on both sides
    float* cos_x;     // most_waves tables of pitch values
    float* sin_x;
    float* cos_y;
    float* sin_y;
    float* rows;           // rows_together of the crystal
    float* background;     // rows_together of the background
    float* spots;          // n rows of pitch + 2 margin
    float* coarse;         // half the resolution, as wide
    float* coarse_places;  // margin on both sides: where its columns and rows look
    float* image;          // n x n
    float* wave_x;         // of all waves: turns per pixel
    float* wave_y;
    float* of_a;  // amplitudes that atoms at A and at B give them
    float* of_b;
    float* across;  // of one window
    float* across_new;
    float* down;
    float* down_new;
    // Of a bright field.
    float* other;       // n x n: the wave's imaginary part
    float* lit;         // n x n: the illumination
    float* frequency2;  // of all waves of the crystal
    float* wave_lens_real;
    float* wave_lens_imaginary;
    float* lens_real;  // of all modes
    float* lens_imaginary;
    float* modes[4];
    CountedAtom* atoms;  // of one defect
    float* across_cos;   // of atoms_together atoms: their phases in each a
    float* across_sin;
    float* up_cos;  // in each b
    float* up_sin;
    float* stripes_even;  // a row of the square for each row of modes
    float* stripes_odd;
};

/// For a plan with an instrument that sees atoms.
static inline AtomScratch take_atom_scratch(Arena& arena, const Plan& plan) {
    const AtomPlan& atoms = *plan.atoms;
    const std::ptrdiff_t n = atoms.n_pixels;
    // Two atoms that are drawn in one window are less than four pixels apart; the start of a row may pull one in from outside.
    const int widest = padded(2 * (atoms.widest_half() + 4) + static_cast<int>(std::ceil(std::fabs(atoms.flyback_px))));
    AtomScratch s{};
    s.pitch = padded(atoms.n_pixels) + lane_count;
    s.margin = widest;
    std::size_t most_waves = 0;
    for (const ParticlePlan& one : plan.classes) {
        most_waves = one.waves != nullptr && one.waves->size() > most_waves ? one.waves->size() : most_waves;
    }
    most_waves = most_waves > waves_of_contamination ? most_waves : waves_of_contamination;
    s.most_waves = static_cast<std::ptrdiff_t>(most_waves);
    const std::ptrdiff_t whole_waves = padded(static_cast<int>(most_waves));
    s.column_x = arena.take_inside<float>(s.margin, s.pitch + s.margin);
    s.columns = arena.take<float>(s.pitch);
    s.row_x = arena.take<float>(s.pitch);
    s.row_y = arena.take<float>(s.pitch + widest);
    s.cos_x = arena.take<float>(s.most_waves, s.pitch);
    s.sin_x = arena.take<float>(s.most_waves, s.pitch);
    s.cos_y = arena.take<float>(s.most_waves, s.pitch);
    s.sin_y = arena.take<float>(s.most_waves, s.pitch);
    s.rows = arena.take<float>(rows_together, s.pitch);
    s.spots = arena.take<float>(n, s.pitch + 2 * s.margin);
    s.coarse = arena.take<float>(n / 2 + 4, s.pitch + 2 * s.margin);
    s.coarse_places = arena.take_inside<float>(s.margin, s.pitch + s.margin);
    s.image = arena.take<float>(n, n);
    s.wave_x = arena.take<float>(whole_waves);
    s.wave_y = arena.take<float>(whole_waves);
    s.of_a = arena.take<float>(whole_waves);
    s.of_b = arena.take<float>(whole_waves);
    s.across = arena.take<float>(widest > s.pitch ? widest : s.pitch);
    s.across_new = arena.take<float>(widest);
    s.down = arena.take<float>(s.pitch + widest);
    s.down_new = arena.take<float>(s.pitch + widest);
    if (atoms.bright) {
        const BrightPlan& b = *atoms.bright;
        const std::ptrdiff_t modes = b.n_modes();
        const std::ptrdiff_t stripes = std::ssize(b.reach);
        s.other = arena.take<float>(n, n);
        s.lit = arena.take<float>(n, n);
        s.frequency2 = arena.take<float>(whole_waves);
        s.wave_lens_real = arena.take<float>(whole_waves);
        s.wave_lens_imaginary = arena.take<float>(whole_waves);
        s.lens_real = arena.take<float>(modes);
        s.lens_imaginary = arena.take<float>(modes);
        for (float*& part : s.modes) {
            part = arena.take<float>(modes);
        }
        int most_sites = 0;
        for (const ParticlePlan& one : plan.classes) {
            const int sites = one.lattice ? most_changed_sites(*one.lattice) : 0;
            most_sites = sites > most_sites ? sites : most_sites;
        }
        s.atoms = arena.take<CountedAtom>(2 * most_atoms_of_column, most_sites + 1);
        s.across_cos = arena.take<float>(atoms_together, b.most_across());
        s.across_sin = arena.take<float>(atoms_together, b.most_across());
        s.up_cos = arena.take<float>(atoms_together, padded(static_cast<int>(stripes)));
        s.up_sin = arena.take<float>(atoms_together, padded(static_cast<int>(stripes)));
        s.stripes_even = arena.take<float>(stripes, padded(b.window));
        s.stripes_odd = arena.take<float>(stripes, padded(b.window));
    }
    return s;
}

}  // namespace nanotilt
