// A scanning camera: one image, or the frames of a video, of a field of bodies, row by row as a beam visits it.
#pragma once

#include <array>

#include "chain.hpp"

namespace nanotilt {

enum class ScanMode { dark_field = 0, bright_field = 1, edges = 2 };

enum class ScanKind { all = 0, random = 1, line_hop = 2, spiral = 3, rows = 4 };

/// What a scanning camera has beside blur and normalisation, which are in DetectorPlan. Lengths are in pixels.
struct ScanPlan {
    int n_pixels;
    int n_frames;
    double pixel_nm;
    ScanMode mode;
    float edge_height;
    double jitter;
    double drift;
    double mains;
    double mains_rows;
    double flyback;
    double flyback_columns;
    std::array<double, 2> dose;  // (0, 0): no counting noise
    Counting counting;
    float readout_noise;
    float saturation;  // 0: none
    int n_levels;      // values between 0 and the saturation, 0: any
    bool true_labels;  // masks of where bodies are, not of where the scan shows them
    ScanKind scan;
    double fraction;

    [[nodiscard]] std::ptrdiff_t frame_values() const { return static_cast<std::ptrdiff_t>(n_pixels) * n_pixels; }
};

/// Reads an instrument of the kind "scanning_camera", less its kind and version; what all instruments have goes to `d`. Throws
/// std::invalid_argument.
ScanPlan read_scanning_camera(wire::Fields& instrument, DetectorPlan& d);

}  // namespace nanotilt
