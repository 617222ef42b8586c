// Scratch memory of a thread that draws x-ray scattering.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../../base/arena.hpp"
#include "../../base/layout.hpp"
#include "../../polar/cell_disc.hpp"
#include "../../program/plan.hpp"
#include "../../scenes/scattering/draws.hpp"

namespace nanotilt {

/// Entries of a table over distorted q.
inline constexpr int distorted_entries = 8192;

/// Columns of a grid of grains that fills the widest frame: 2048 pixels of 75 um, three of them apart.
inline constexpr int grain_columns = 704;

enum class TermShape : std::uint8_t { radial, fold, grains, distorted, spots, mesostructure };

/// One ring of spots.
struct SpottedRing {
    float* radial;      // over the radius
    float* directions;  // spot_entries and a vector
    float lo, hi;       // radii in pixels between which it is seen
    float mean;         // over all directions
    bool higher;        // not the first order
};

/// A part of a distorted term.
struct DistortedLayer {
    const float* table;  // over distorted q
    const float* others;
    const float* form;  // over the radius: what it is multiplied by; or null
    float stretch2;
    float inverse_step;  // of its table
};

/// Rows of a grid of grains, of which four are needed at a time.
struct GrainRows {
    std::uint32_t object;
    float* rows[4];  // row g of the grid at g % 4
    int next;        // first row that is not drawn yet
    float* sum;      // of the four, for one row of pixels
    double per_pixel;
    float mean, std;
};

/// What adds to the image, with what is seen of it.
struct ScatterTerm {
    TermShape shape;
    PartKind kind;
    const float* table;   // over the radius
    const float* others;  // the same without the first order; or null
    float lo, hi;         // radii in pixels between which it is seen
    int m;
    float cos_chi, sin_chi;  // of m chi, of a distorted term of 2 chi
    float eta;
    int n_layers;
    DistortedLayer layers[n_low_q];
    int n_rings;
    SpottedRing rings[most_rings];
    GrainRows grains;
    int n_turns;
    float* turns;  // six numbers each: turns per pixel of three spacings, in x and in y
    // Rows of values: all, what is the same in all directions, what is not of the first order. Null where they are not looked at.
    float* all;
    float* even;
    float* higher;
    // Sums over the image.
    double all2, uneven2, higher2;
    std::int64_t n_above;  // pixels above `threshold`
    float threshold;
    float largest;
};

/// Contributions, scattering at low and high q, isotropic and not; one for all that has no tag.
inline constexpr int most_terms_of_scattering = most_contributions + 6;

/// Sums of counts over cells of a polar grid. Cells of pixels are kept from one image to the next, which has the same beam in a
/// run.
struct CellSums {
    std::uint16_t* cells;    // of each pixel
    std::int32_t* n_pixels;  // of each cell, and beyond
    std::uint64_t* sums;
    double beam_x, beam_y;  // that they were made for
    bool made;
};

struct ScatteringScratch {
    std::ptrdiff_t pitch;    // of rows, in floats: whole groups of counts
    std::ptrdiff_t n_table;  // with margins
    DrawnScattering* drawn;
    ScatterTerm* terms;
    float* tables;      // free ones, n_table each
    float* distorted;   // free ones, distorted_entries and a vector each
    float* directions;  // free ones, spot_entries and a vector each
    float* raw;         // a table before it is averaged over a pixel
    float* edge;        // a table of what an edge lets through
    float* turns;
    float* rows;        // free ones, pitch each
    float* grain_rows;  // free ones, grain_columns and a group each
    // Of columns.
    float* x;  // from the beam
    float* beam_x;
    float* streak_x[2];
    float* window_x;
    float* stop_x;
    // Of rows.
    float* beam_y;
    float* streak_y[2];
    float* window_y;
    float* stop_y;
    // Of one row.
    float* radius;  // in entries of tables
    float* cos2;    // of twice the direction
    float* sin2;
    float* q;
    float* rate;
    float* passed;  // what stop and edge let through
    float* weight;  // one over the variance
    float* noise;
    float* counts;
    std::int32_t* row_cells;
    CellSums polar;
    CellSums disc;
    float* disc_means;
    CellDiscScratch disc_scratch;
};

inline constexpr int most_tables = most_contributions * most_rings + 4;
inline constexpr int most_distorted = 2 * most_contributions + n_low_q + 1;
inline constexpr int most_rows = 3 * most_terms_of_scattering;

static inline CellSums take_cell_sums(Arena& arena, const AreaPlan& area, const PolarGrid& grid) {
    CellSums sums{};
    sums.cells = arena.take<std::uint16_t>(area.n_pixels, area.n_pixels);
    sums.n_pixels = arena.take<std::int32_t>(grid.n_cells() + 1);
    sums.sums = arena.take<std::uint64_t>(grid.n_cells() + 1);
    return sums;
}

/// For a plan with an area detector.
static inline ScatteringScratch take_scattering_scratch(Arena& arena, const Plan& plan) {
    const AreaPlan& area = *plan.area;
    ScatteringScratch s{};
    s.pitch = (area.n_pixels + normals_per_group - 1) / normals_per_group * normals_per_group;
    s.n_table = area.n_table + 2 * table_margin;
    s.drawn = arena.take<DrawnScattering>(1);
    s.terms = arena.take<ScatterTerm>(most_terms_of_scattering);
    s.tables = arena.take<float>(most_tables, s.n_table);
    s.distorted = arena.take<float>(most_distorted, distorted_entries + lane_count);
    s.directions = arena.take<float>(most_contributions * most_rings, spot_entries + lane_count);
    s.raw = arena.take<float>(s.n_table);
    s.edge = arena.take<float>(s.n_table);
    s.turns = arena.take<float>(6 * most_turns, most_contributions);
    s.rows = arena.take<float>(most_rows, s.pitch);
    s.grain_rows = arena.take<float>(5 * (most_contributions + 1), grain_columns + normals_per_group);
    for (float** row :
         {&s.x, &s.beam_x, &s.streak_x[0], &s.streak_x[1], &s.window_x, &s.stop_x, &s.beam_y, &s.streak_y[0], &s.streak_y[1],
          &s.window_y, &s.stop_y, &s.radius, &s.cos2, &s.sin2, &s.q, &s.rate, &s.passed, &s.weight, &s.noise}) {
        *row = arena.take<float>(s.pitch);
    }
    s.counts = arena.take<float>(s.pitch);
    s.row_cells = arena.take<std::int32_t>(s.pitch);
    s.polar = take_cell_sums(arena, area, area.cells);
    s.disc = take_cell_sums(arena, area, area.disc);
    s.disc_means = arena.take<float>(area.disc.n_cells());
    s.disc_scratch = scattering_disc().take_scratch(arena);
    return s;
}

}  // namespace nanotilt
