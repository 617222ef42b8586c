// Angles of projection pairs and the image that they show, found together (projection matching).
//
// Each pair holds two projections of one particle, the second `stereo_rad` further. All particles are the same image, turned by
// unknown angles. `anneal_starts` goes from a rough image to the right basin by expectation-maximisation: angles are probabilities
// on a grid. `refine_starts` polishes image and angles together: every pair has its own angle. Either adds the residual, filtered
// so that one step nearly solves for the image (as filtered back-projection does), and a share of the step before (momentum).
#pragma once

#include <cstddef>

#include "../tomography/line_projector.hpp"

namespace nanotilt {

struct ProjectionPairs {
    const float* values;  // (n_pairs, 2, geometry.n_bins)
    std::ptrdiff_t n_pairs;
    ImageGeometry geometry;
    double stereo_rad;
    int symmetry;          // the image is the same after 1 / symmetry of a turn
    const float* support;  // (n_pixels, n_pixels): 1 where the image may be, else 0
    const float* filter;   // 2 * n_bins - 1 numbers that residual rows are convolved with before they are spread
};

/// Sizes of one call. One round: templates, assignment, update of the image.
struct Annealing {
    std::ptrdiff_t n_angles;  // of the grid, over 1 / symmetry of a turn
    const float* sigma;       // (n_rounds): standard deviation per bin that rows are assigned with
    std::ptrdiff_t n_rounds;
    float relaxation;  // share of the filtered residual that is added
    float momentum;    // share of the update before that is added again
};

/// images (n_starts, n_pixels, n_pixels): beginning, then result. Of the last round's nearest templates, cost (n_starts): mean
/// squared residual per bin; angle_rad (n_starts, n_pairs): their angles. Starts are worked on one by one, so neither threads nor
/// company change them. Throws std::bad_alloc only.
void anneal_starts(const ProjectionPairs& pairs, const Annealing& annealing, std::ptrdiff_t n_starts, float* images, double* cost,
                   double* angle_rad, int n_threads, const Stop& stop = never);

struct Refinement {
    std::ptrdiff_t n_angles;  // of the grid that angles are matched on
    std::ptrdiff_t window;    // grid angles to each side of the present one that are tried; n_angles or more: all; -1: angles stay
    std::ptrdiff_t n_rounds;
    std::ptrdiff_t n_updates;  // of the image in each round
    float relaxation;
    float momentum;
};

/// One round: templates, angles by a parabola through the nearest and its neighbours, updates of the image at exactly these angles.
/// images, angle_rad: beginning, then result; cost (n_starts): mean squared residual per bin at the last round's angles, before its
/// last update where angles stay. Starts are worked on one by one. Throws std::bad_alloc only.
void refine_starts(const ProjectionPairs& pairs, const Refinement& refinement, std::ptrdiff_t n_starts, float* images, double* cost,
                   double* angle_rad, int n_threads, const Stop& stop = never);

}  // namespace nanotilt
