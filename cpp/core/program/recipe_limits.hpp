// The largest recipe: what bounds the memory that a few bytes of description can ask for. Python has the same numbers, and words
// the errors (nanotilt.particles, detectors, cameras and _recipe_checks).
//
// A plan at all of these limits takes some 80 MiB. Each thread that draws needs working memory of 320 MiB at most (a camera of 4096
// pixels; a detector 128 MiB), plus six times what the views of one sample take.
#pragma once

#include <cstdint>

namespace nanotilt {

/// Truths of a scene beside label and angles, each with a pointer for every sample that is drawn.
inline constexpr std::size_t truths_limit = 32;

/// Bodies of a field: their numbers are int16 in masks.
inline constexpr int bodies_limit = 4096;

/// A scanned image's sides, and frames of a video.
inline constexpr int least_scan_pixels = 32;
inline constexpr int scan_pixels_limit = 2048;
inline constexpr int frames_limit = 4096;

/// An area detector's sides.
inline constexpr int least_area_pixels = 32;
inline constexpr int area_pixels_limit = 2048;

/// Kinds of defects of all lattices together, each with a table of 2.5 KiB, and waves of their crystals.
inline constexpr int defect_kinds_limit = 1 << 12;
inline constexpr int crystal_waves_of_recipe_limit = 1 << 20;

inline constexpr int n_bins_limit = 1 << 20;
inline constexpr int n_pixels_limit = 4096;  // on each side
inline constexpr int n_views_limit = 1 << 16;
inline constexpr std::int64_t sample_values_limit = std::int64_t{1} << 25;
inline constexpr double blur_sigma_limit = 0x1p20;

inline constexpr int n_classes_limit = 1 << 16;
inline constexpr int features_of_class_limit = 1024;
inline constexpr int features_limit = 1 << 18;          // of all classes together
inline constexpr int polygon_corners_limit = 1 << 20;   // of all polygons together
inline constexpr int particle_corners_limit = 1 << 20;  // of all rings of a particle together
inline constexpr int directions_limit = 1 << 21;        // of all different numbers of corners together

/// Most corners of a polygon, and of any ring that a camera sees: the heights at which its edges may cross have to be held ready.
inline constexpr int camera_corner_limit = 1024;

/// Any float corner, counted in pixels of such a view, can be squared in double.
inline constexpr double smallest_field_of_view = 1e-30;

/// Angles in radians for which sincos_double is exact, far beyond any that Python hands over.
inline constexpr double angle_limit = 1e3;

/// A tilt's standard deviation: 3600 degrees and a little for rounding. Ten times that is still exact for sincos_float.
inline constexpr float angle_std_limit = 63.0F;

}  // namespace nanotilt
