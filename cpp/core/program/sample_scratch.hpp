// Scratch memory of a thread that draws samples.
#pragma once

#include "../base/arena.hpp"
#include "../geometry/projection_scratch.hpp"
#include "../geometry/rings.hpp"
#include "../instruments/camera_images.hpp"
#include "../kernels/fields/scratch.hpp"
#include "../kernels/lattices/scratch.hpp"
#include "../kernels/scattering/scratch.hpp"
#include "plan.hpp"

namespace nanotilt {

/// Whole buffers: rings, normals, noise, the parts of a projection, and two rows of a view.
struct SampleScratch {
    RingSet rings;
    float* particle_normals;
    float* noise_normals;
    float* angles;  // of the views, where nobody asks for them
    float* signal;  // n_bins, with the blur's radius and a vector of room on both sides
    float* blurred;
    ProjectionScratch projection;
    CameraScratch camera;
    FieldScratch field;
    AtomScratch atoms;
    ScatteringScratch scattering;
};

SampleScratch take_sample_scratch(Arena& arena, const Plan& plan);

/// Bins that a plan's particles are projected on: those of a detector, or of a camera whose views are sums of images.
int projected_bins(const Plan& plan);

}  // namespace nanotilt
