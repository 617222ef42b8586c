// A camera's plan and its reader; ../camera.hpp takes the images.
#pragma once

#include <vector>

#include "chain.hpp"

namespace nanotilt {

enum class NoiseKind { none = 0, uniform = 1, gaussian = 2, poisson = 3 };

/// What a camera has beside angles, background, blur and normalisation, which are in DetectorPlan.
struct CameraPlan {
    int n_pixels;
    double pixels_per_length;
    int samples_per_side;  // as in PixelGrid
    bool projected;        // a view is the sum of an image's rows
    NoiseKind noise_kind;
    double noise_level;
    Counting counting;
    bool remove_background;
    bool rolls_to_middle;  // the centre of mass, by whole pixels
    using Turn = SinCosDouble;
    std::vector<Turn> turns;  // of each view
    /// Rows of a view.
    [[nodiscard]] int n_rows() const { return projected ? 1 : n_pixels; }
};

/// Reads an instrument of the kind "camera", less its kind and version; what all instruments have goes to `d`. Throws
/// std::invalid_argument.
CameraPlan read_camera(wire::Fields& instrument, DetectorPlan& d);

}  // namespace nanotilt
