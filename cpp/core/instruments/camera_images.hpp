// Scratch memory of a camera, and the scalar parts of its images: what polygons cover. Compiled once; kernels/camera.hpp has the
// rest.
#pragma once

#include <cstddef>

#include "../base/arena.hpp"
#include "../base/stop.hpp"
#include "../geometry/rings.hpp"
#include "../program/plan.hpp"

namespace nanotilt {

struct PixelPoint;
struct SlabSpan;

/// What one view is made in.
struct CameraScratch {
    PixelPoint* points;
    SlabSpan* spans;
    double* crossings;
    double* places;
    double* differences;  // of covered shares from row to row (coverage.hpp); zero between views
    double* sums;         // two numbers for each column
    float* image;         // n_pixels x n_pixels
    float* other;         // as much again, for the blur
    float* row;           // with the blur's radius and a vector on both sides
    float* blurred;
};

/// Rows of an image that differences were set in: first ... end - 1, of n_pixels + 2.
struct CoveredRows {
    std::ptrdiff_t first;
    std::ptrdiff_t end;
};

/// For a plan with a camera.
CameraScratch take_camera_scratch(Arena& arena, const Plan& plan);

/// What is to be zero before the first view.
void clear_camera_scratch(const Plan& plan, CameraScratch& s, StopPoints& points);

/// Density times exactly covered share of each pixel, summed over rings, as differences from row to row.
CoveredRows cover(const Plan& plan, std::size_t view, const RingSet& rings, CameraScratch& s, StopPoints& points);

/// Density times covered share by counted points, summed over rings, in s.image.
void draw_sampled(const Plan& plan, std::size_t view, const RingSet& rings, CameraScratch& s, StopPoints& points);

}  // namespace nanotilt
