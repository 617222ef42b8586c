// Projections of one square image onto a detector, and their spreading back: the exact adjoint.
//
// A point (x, y) of the image, y upwards, measured in bins from the image's middle, is seen at angle a at x cos a + y sin a,
// counted from the rotation axis: the convention of project and rasterise.
#pragma once

#include <cstddef>

#include "../base/arena.hpp"
#include "line_geometry.hpp"
#include "tomography.hpp"

namespace nanotilt {

struct TomographyKernels;

/// A square image before a row of bins.
struct ImageGeometry {
    std::ptrdiff_t n_pixels;  // on each side
    double pixel;             // side of a pixel, in bins
    std::ptrdiff_t n_bins;
    double axis_bin;  // where the detector sees the middle of the image
};

/// What a LineProjector works in.
struct LineScratch {
    float* image;   // padded, and its transpose
    float* spread;  // the same layout
    float* sums;    // one per line
};

LineScratch take_line_scratch(Arena& arena, const ImageGeometry& geometry);

class LineProjector {
   public:
    LineProjector(const ImageGeometry& geometry, const LineScratch& scratch);

    /// The image that `project` sees from now on, (n_pixels, n_pixels), rows from +y downwards.
    void set_image(const float* image);

    /// Line integrals at each bin's middle, lengths in bins: out (n_bins).
    void project(double angle_rad, float* out) const;

    /// Forgets what was spread.
    void clear();

    /// Spreads a row (n_bins) over the image along its lines.
    void spread(const float* row, double angle_rad);

    /// What was spread since `clear`, (n_pixels, n_pixels).
    void collect(float* out) const;

   private:
    [[nodiscard]] double first_line(const Direction& along) const;

    ImageGeometry geometry_;
    const TomographyKernels& kernels_;
    float* image_;
    float* spread_;
    float* sums_;
};

}  // namespace nanotilt
