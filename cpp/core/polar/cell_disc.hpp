// Fourier-Bessel coefficients of means over polar cells.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "../base/arena.hpp"
#include "../base/stop.hpp"

namespace nanotilt {

/// A disc cut into rings of equal width and these into cells, and what is wanted of it. Orders are 0, step, 2 step, ...
struct CellDiscWanted {
    int n_rings;
    int n_angles;
    /// Angles cover half a turn, opposite pixels share a cell; `step` is even then.
    bool half_turn;
    int n_max;
    int n_orders;
    int step;
};

struct CellDiscScratch {
    float* filled;     // one ring
    float* harmonics;  // real and imaginary parts, one order after another, of each ring
    float* row;
};

/// Built once, then used by any number of threads, for discs of any radius.
///
/// Radial functions are integrated over each ring and waves over each cell, so that constant cells give what the integral over
/// the disc gives. Cells without pixels count as 0, but for those that are just too small to hold one: gaps along the azimuth that
/// are narrower than `narrow_gap` pixels are filled in between.
class CellDisc {
   public:
    /// Throws Stopped where that is wanted.
    explicit CellDisc(const CellDiscWanted& wanted, const Stop& stop = never);

    [[nodiscard]] const CellDiscWanted& wanted() const { return wanted_; }
    [[nodiscard]] std::ptrdiff_t n_cells() const { return static_cast<std::ptrdiff_t>(wanted_.n_rings) * wanted_.n_angles; }

    CellDiscScratch take_scratch(Arena& arena) const;

    /// Coefficients (n_max, n_orders) as pairs of real and imaginary part. `cells` and the numbers of their pixels are (n_rings,
    /// n_angles); `radius` of the disc counts in pixels of the image, `unit` in the lengths that coefficients shall count in.
    void transform(const float* cells, const std::int32_t* n_pixels, double radius, double unit, const CellDiscScratch& scratch,
                   float* coefficients, const Stop& stop = never) const;

   private:
    void make_radial(const Stop& stop);
    void make_waves();

    CellDiscWanted wanted_;
    std::ptrdiff_t stride_;       // of the radial table
    std::ptrdiff_t wave_stride_;  // of the table of waves
    std::vector<float> radial_;   // (orders, rings, n_max)
    std::vector<float> waves_;    // (angles, orders, parts)
};

}  // namespace nanotilt
