// What all instruments have in common: views at angles, their normalisation, and the plan that holds both.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "../base/elementary.hpp"
#include "../geometry/rings.hpp"

namespace nanotilt {

namespace wire {
class Fields;
}

struct ViewAngle {
    float angle_rad;
    float sin;
    float cos;
};

/// How Poisson counts are drawn: counting.hpp, or kernels/counting.hpp.
enum class Counting { exact = 0, fast = 1 };

struct DetectorPlan {
    int n_bins;  // of a camera: values of a view
    float lower;
    float bins_per_length;  // 1 / distance of neighbouring rays
    float shift_std;
    std::vector<ViewAngle> views;
    float angle_std_rad;
    float about_x;
    float about_y;
    float background;
    float relative_noise;  // standard deviation of a value over its magnitude
    double dose;           // 0: no counting noise
    Counting counting;
    Sampling sampling;
    bool shifts_to_middle;  // the centre of mass, by fractions of a bin; a camera rolls instead
    double least_mass;      // of a view's signal, for it to be centred: what noise alone hardly ever has
    // view = (value - normalise_offset) * normalise_scale
    float normalise_offset;
    float normalise_scale;
    std::vector<float> blur_weights;  // centre, then outwards; one entry: no blur
    int n_noise_groups;
};

/// Reads `bounds`, a pair (low, high): low goes to 0 and high to 1.
void read_bounds(wire::Fields& recipe, DetectorPlan& d);

/// Reads `angles_rad`, the angle of each view, after n_bins is known. Returns their sines and cosines, not yet rounded to float.
std::vector<SinCosDouble> read_views(wire::Fields& instrument, DetectorPlan& d);

/// Reads a dose: (least, most) electrons, or (0, 0) for no counting noise.
std::array<double, 2> read_dose(wire::Fields& instrument, std::string_view name);

/// Reads `counting`, of counts of this dose.
Counting read_counting(wire::Fields& instrument, double dose);

/// Reads `background` and `blur_sigma_px`.
void read_background_and_blur(wire::Fields& instrument, DetectorPlan& d);

}  // namespace nanotilt
