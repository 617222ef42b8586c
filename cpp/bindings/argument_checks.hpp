// What a function of nanotilt._core expects of its numbers. The Python package checks first and words errors for users; these keep
// a direct call from crashing, and from taking memory that no result needs.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <string>

#include "numpy_views.hpp"

namespace nanotilt::bindings {

/// Most values of one result.
inline constexpr py::ssize_t result_limit = py::ssize_t{1} << 31;

/// Most pixels on a side of an image, and most detectors of a sinogram, which may be as long as an image's diagonal.
inline constexpr py::ssize_t image_side_limit = 1 << 14;
inline constexpr py::ssize_t detectors_limit = 1 << 15;

/// Angles that sincos_double reduces without losing them.
inline constexpr double angle_argument_limit = 1e6;

template <class Number>
[[noreturn]] void refuse_value(const char* field, const std::string& allowed, Number value) {
    std::ostringstream text;
    text << field << " must be " << allowed << ". Received: " << field << "=" << value;
    throw py::value_error(text.str());
}

inline void expect_count(const char* field, py::ssize_t value, py::ssize_t low, py::ssize_t high) {
    if (value < low || value > high) {
        refuse_value(field, "in [" + std::to_string(low) + ", " + std::to_string(high) + "]", value);
    }
}

/// Bounds a product of counts without computing it, which could overflow. Counts are >= 0.
template <class... Counts>
void expect_result_fits(const char* field, py::ssize_t first, Counts... others) {
    py::ssize_t room = result_limit;
    for (const py::ssize_t count : {first, static_cast<py::ssize_t>(others)...}) {
        if (count == 0) {
            return;
        }
        room /= count;
    }
    if (room == 0) {
        refuse_value(field, "so small that the result has <= 2**31 values", first);
    }
}

inline void expect_within(const char* field, double value, double low, double high) {
    if (!(value >= low && value <= high)) {
        std::ostringstream range;
        range << "in [" << low << ", " << high << "]";
        refuse_value(field, range.str(), value);
    }
}

inline void expect_finite(const char* field, double value) {
    if (!std::isfinite(value)) {
        refuse_value(field, "finite", value);
    }
}

template <class T>
void expect_all_within(const char* field, const T* values, py::ssize_t n, T limit) {
    const T* wrong = std::find_if(values, values + n, [limit](T value) { return !(std::fabs(value) <= limit); });
    if (wrong != values + n) {
        std::ostringstream range;
        range << "within +-" << limit;
        refuse_value(field, range.str(), *wrong);
    }
}

/// Angles in radians.
inline const double* angles_of(const py::array& angles_rad) {
    const double* angles = data_of<double>(angles_rad, "angles_rad", 1);
    expect_all_within("angles_rad", angles, angles_rad.size(), angle_argument_limit);
    return angles;
}

/// A stack of images (n, rows, columns), none of them empty.
inline const float* image_stack_of(const py::array& images) {
    const float* data = data_of<float>(images, "images", 3);
    expect_count("rows of images", images.shape(1), 1, image_side_limit);
    expect_count("columns of images", images.shape(2), 1, image_side_limit);
    return data;
}

}  // namespace nanotilt::bindings
