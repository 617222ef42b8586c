// Images and their sinograms: line sums at many angles (Radon transform), and filtered back-projection.
//
// A detector at t (counted from the middle of all, in pixels) sees at angle a the line of points (t cos a + s sin a,
// -t sin a + s cos a), x along columns and y along rows from the image's middle.
#pragma once

#include <cstddef>

#include "../base/stop.hpp"

namespace nanotilt {

/// What lies on the rotation axis, of n pixels or detectors in a row.
enum class Centre {
    pixel,  // number n / 2, rounded down: the geometry of scikit-image
    middle  // (n - 1) / 2, between two where n is even: that of project and rasterise
};

inline double centre_of(std::ptrdiff_t n, Centre centre) {
    return centre == Centre::pixel ? static_cast<double>(n / 2) : 0.5 * static_cast<double>(n - 1);
}

/// Angles and detectors of a sinogram, and what they turn about.
struct ParallelBeam {
    const double* angles_rad;
    std::ptrdiff_t n_angles;
    std::ptrdiff_t n_detectors;
    Centre centre;
};

/// Line integrals of images (n_images, height, width), 0 outside: out (n_images, n_angles, n_detectors). Throws std::bad_alloc
/// only.
void radon(const float* images, std::ptrdiff_t n_images, std::ptrdiff_t height, std::ptrdiff_t width, const ParallelBeam& beam,
           float* out, int n_threads, const Stop& stop = never);

/// What to do with a sinogram besides smearing it back.
struct BackProjection {
    const float* filter;  // 2 * n_detectors - 1 numbers: each row is convolved with them, the middle one at distance 0
    std::ptrdiff_t output_size;
    float factor;  // on every pixel
    bool circle;   // pixels further from the middle than half the output_size become 0
};

/// Filtered sinograms (n_images, n_angles, n_detectors) smeared back along their lines: out (n_images, output_size, output_size).
/// Throws std::bad_alloc only.
void back_project(const float* sinograms, std::ptrdiff_t n_images, const ParallelBeam& beam, const BackProjection& wanted,
                  float* out, int n_threads, const Stop& stop = never);

}  // namespace nanotilt
