// Recipes as releases before wire bytes packed them, which TensorFlow graphs that were saved then still hold.
#pragma once

#include <string>
#include <string_view>

namespace nanotilt::wire {

/// The wire bytes of a packed recipe: little-endian doubles in this order (integers, flags and enumerations as doubles too).
///
///   stream_version, n_bins, lower, upper, shift_std, about_x, about_y, background, blur_sigma_px, noise, dose (0: off, below 0:
///   -dose, counted fast), sampling, centring, normalise low, normalise high, angle_std_rad, n_views, angle_rad of each view,
/// A camera has, in place of all from n_bins on:
///   -n_pixels, camera_version, field_of_view, samples_per_side, projected, background, blur_sigma_px, noise kind, noise_level,
///   counting, remove_background, centring, normalise low, normalise high, n_views, angle_rad of each view.
/// Then:
///   n_classes, weight of each class, then for each class:
///     radius, radius_std, roughness, n_corners, centre_x, centre_y, centre_std_x, centre_std_y, n_features, then for each feature:
///       kind, density, max_offset, radius, radius_std, straightness, straightness_std, widening, widening_std,
///       max_thickness, max_thickness_std, clockwise
/// A polygon has -n for n_corners, and after n_features, which is 0: lowest and highest orientation_rad, x and y of each corner at
/// size 1.
///
/// Values are judged by whoever reads the result. Its size is bounded by that of `packed`. Throws std::invalid_argument where
/// numbers are missing or left over, or one is not what its place allows.
std::string from_packed(std::string_view packed);

}  // namespace nanotilt::wire
