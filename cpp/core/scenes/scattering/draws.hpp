// One sample of scattering as drawn: numbers alone, the same for every detector.
#pragma once

#include <array>
#include <cstdint>

#include "../../base/philox.hpp"
#include "scattering.hpp"

namespace nanotilt {

inline constexpr int most_rings = 9;
inline constexpr int most_spots = 14;
inline constexpr int most_turns = 99;
inline constexpr int most_peaks = 23;

/// What all images of a run share.
struct DrawnRun {
    std::int64_t number;
    double x, y;            // of the beam, in sides of the frame
    double beam_x, beam_y;  // its full widths at half maximum
    bool stopped;
    PartKind stop;       // linear_stop, round_stop or wedge_stop
    double half_width;   // of a linear stop; a round one's radius
    double stop_length;  // of a linear one; how far from the beam a wedge's apex is, < 0: behind it
    double stop_angle;   // the stem's or the wedge's
    double wedge;        // half its angle
    double stop_blur;    // standard deviation of its rim
    bool cut;            // whether large angles are cut off
    double edge_q;       // where
    double edge_width;   // how gently
};

/// One contribution of the sample. Which of its values count, its kind says.
struct DrawnPart {
    PartKind kind;
    double amplitude;
    double q0, dq;
    int m;            // symmetry
    double eta, chi;  // its strength and direction
    double s;         // of what takes from orders or from small angles
    double radius;    // of spheres
    double stretch;
    bool form_stays;  // of a distorted lattice: whether the spheres' form is not distorted
    int lattice;      // bcc, fcc, hexagonal, lamellar
    double grain;     // of a coherent halo
    double zoom;      // of a mesostructure
    int n_rings;      // also turns of a mesostructure
    double spacing;   // of ad hoc rings
    std::array<double, most_rings> ring_q;
    std::array<double, most_rings> ring_share;
    std::array<int, most_rings> n_spots;
    std::array<std::array<double, most_spots>, most_rings> spot_chi;
    std::array<std::array<double, most_spots>, most_rings> spot_share;
};

/// One sort of scattering at low q.
struct DrawnLowQ {
    bool on;
    double amplitude;
    double exponent;  // of the power law
    double length;    // of the others
    double stretch;
};

/// The sorts in the order power law, Ornstein-Zernike, Debye-Bueche, Guinier.
inline constexpr int n_low_q = 4;

struct DrawnHighQ {
    bool on;
    double amplitude, s, stretch, chi;
};

struct DrawnConstant {
    bool on;
    double mean, std;  // of a pixel of 75 um
};

struct DrawnWindow {
    bool on;
    double amplitude, size, x, y, blur;  // x, y: from the beam
};

struct DrawnStreak {
    bool on;
    double amplitude, along, across;  // squares of lengths in q
};

/// What is drawn for one sample. [0]: isotropic, [1]: not.
struct DrawnScattering {
    DrawnRun run;
    bool calibration;
    double calibration_counts;
    int n_parts;
    std::array<DrawnPart, most_contributions> parts;
    std::array<std::array<DrawnLowQ, n_low_q>, 2> low_q;
    double low_q_chi;
    std::array<DrawnHighQ, 2> high_q;
    std::array<DrawnConstant, 2> constants;  // of diffuse scattering, of background
    bool smooth;
    double smooth_mean, smooth_std, smooth_grain;
    std::array<DrawnWindow, 2> windows;  // square, round
    std::array<DrawnStreak, 2> streaks;  // along x, along y
    bool zingers;
    double beam_counts;
};

/// Orders of a kind of lattice: where they are, over the first, and how strong.
struct LatticePeaks {
    int n;
    std::array<double, most_peaks> x;
    std::array<double, most_peaks> weight;
};
const LatticePeaks& lattice_peaks(int lattice);

void draw_scattering(const ScatteringPlan& plan, const StreamPosition& at, DrawnScattering& drawn);

/// A mesostructure's spacings as seen by the detector: for each of three directions x and y, unit vectors turned at random.
using Turn = std::array<std::array<double, 2>, 3>;
Turn draw_turn(const StreamPosition& at, int part, int turn);

/// Zingers of a strip of the frame, one pixel of 75 um high: their number, and for each x and y, in sides of the frame and of the
/// strip.
inline constexpr int most_zingers = 16;
struct Zingers {
    int n;
    std::array<double, most_zingers> x;
    std::array<double, most_zingers> y;
};
Zingers draw_zingers(const StreamPosition& at, int strip, double mean);

/// Of a pixel of 75 um at 0.594375 m and 8.8984 keV: what a power law's q is divided by. Below half of it the law stays constant.
inline constexpr double reference_q = 5.6902e-4;

/// Where scattering at high q has its amplitude.
inline constexpr double high_q_reference = 0.1;

inline constexpr double zingers_per_pixel = 0.0005;

inline constexpr double behenate_q = 0.1076;
inline constexpr int n_behenate_rings = 13;
inline constexpr std::array<double, n_behenate_rings> behenate_order{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12.7230, 12.8903};
inline constexpr std::array<double, n_behenate_rings> behenate_share{1,     .5965, .3822, .1798, .1123, .0825, .0627,
                                                                     .0462, .0391, .0332, .0352, .0771, .0678};

}  // namespace nanotilt
