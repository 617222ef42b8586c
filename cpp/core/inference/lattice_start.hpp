// Where a lattice fit starts: rotation and scale at which three Fourier amplitudes are largest.
#pragma once

#include "../base/arena.hpp"
#include "inference_kernels.hpp"
#include "lattice_model.hpp"

namespace nanotilt {

/// Waves along one axis, spaced half as far apart as an image of this many pixels tells apart: cosine and sine of each, times a
/// window that falls to the ends.
struct WaveGrid {
    std::ptrdiff_t n_waves;
    double spacing;  // radians per pixel
};

class LatticeStart {
   public:
    explicit LatticeStart(const LatticeFitPlan& plan);

    struct Scratch {
        double* along_x;  // (n_columns, 2 n_waves): sums over a row
        double* along_y;  // (2 n_waves, n_rows)
        double* signal;
        double* row_sums;
        double* sums;
        double* power;  // (y waves, 2 x waves - 1): from the most negative x to the largest
    };
    Scratch take(Arena& arena) const;

    /// Fills the tables that no image changes.
    void write_tables(const Scratch& s) const;

    /// Where the three amplitudes are largest for the image of counts, whose mean is given; returns their power over that of noise.
    double find(const double* counts, double mean, const Scratch& s, const InferenceKernels& kernels, WaveVectors& waves) const;

   private:
    void write_power(const Scratch& s, const InferenceKernels& kernels) const;
    [[nodiscard]] double power_at(const double* power, double wave_x, double wave_y) const;

    const LatticeFitPlan& plan_;
    double wave_;  // length of the shortest wave vectors, in radians per pixel
    WaveGrid x_;
    WaveGrid y_;
};

}  // namespace nanotilt
