// Scratch memory of a thread that draws images of atoms.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../../base/arena.hpp"
#include "../../base/layout.hpp"
#include "../../program/plan.hpp"

namespace nanotilt {

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
    float* rows;        // rows_together of the crystal
    float* background;  // rows_together of the background
    float* spots;       // n rows of pitch + 2 margin
    float* image;       // n x n
    float* wave_x;      // of all waves: turns per pixel
    float* wave_y;
    float* transfer;  // what the probe leaves of them
    float* across;    // of one window
    float* across_new;
    float* down;
    float* down_new;
};

/// For a plan with an instrument that sees atoms.
static inline AtomScratch take_atom_scratch(Arena& arena, const Plan& plan) {
    const AtomPlan& atoms = *plan.atoms;
    const std::ptrdiff_t n = atoms.n_pixels;
    // Two atoms that are drawn in one window are less than four pixels apart.
    const int widest = padded(2 * (atoms.widest_half() + 4));
    AtomScratch s{};
    s.pitch = padded(atoms.n_pixels) + lane_count;
    s.margin = widest;
    std::size_t most_waves = 0;
    for (const ParticlePlan& one : plan.classes) {
        most_waves = one.waves.size() > most_waves ? one.waves.size() : most_waves;
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
    s.background = arena.take<float>(rows_together, s.pitch);
    s.spots = arena.take<float>(n, s.pitch + 2 * s.margin);
    s.image = arena.take<float>(n, n);
    s.wave_x = arena.take<float>(whole_waves);
    s.wave_y = arena.take<float>(whole_waves);
    s.transfer = arena.take<float>(whole_waves);
    s.across = arena.take<float>(widest);
    s.across_new = arena.take<float>(widest);
    s.down = arena.take<float>(s.pitch + widest);
    s.down_new = arena.take<float>(s.pitch + widest);
    return s;
}

}  // namespace nanotilt
