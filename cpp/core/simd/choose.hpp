// The kernels, compiled once per SIMD level from one source, and the choice among them at run time.
//
// Each topic has a table of its own beside it: program/sample_kernels.hpp, geometry/geometry_kernels.hpp, ... A new one is a struct
// of functions there, its name here, and its functions in kernels/kernels.cpp.
#pragma once

#include <string>
#include <vector>

namespace nanotilt {

struct GeometryKernels;
struct InferenceKernels;
struct PolarKernels;
struct SampleKernels;
struct TomographyKernels;

/// One level's kernels. Where a Stop is handed over, a kernel asks it and leaves its work undone when it is wanted; the others take
/// less than 0.1 s.
struct Kernels {
    const char* level;
    const SampleKernels& samples;
    const GeometryKernels& geometry;
    const TomographyKernels& tomography;
    const InferenceKernels& inference;
    const PolarKernels& polar;
};

/// The kernels in use: the best level that the processor has, or the one that NANOTILT_SIMD names (v2, v3, v4; baseline where
/// these do not exist). Throws std::invalid_argument when that names none, or one that this processor lacks.
const Kernels& active_kernels();

/// Levels that this processor can run, lowest first.
std::vector<std::string> supported_levels();

}  // namespace nanotilt
