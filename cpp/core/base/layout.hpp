// Sizes that all arrays of the core keep to.
#pragma once

namespace nanotilt {

/// Normals come in groups: 16 Philox blocks of 4 words make 64.
inline constexpr int normals_per_group = 64;

/// Longest SIMD vector in floats. Arrays that kernels run over whole vectors of are padded to it.
inline constexpr int lane_count = 16;

/// Rows of an image that sums of waves are made for together: each value of a wave's tables is read once for all of them.
inline constexpr int rows_together = 4;

inline constexpr int padded(int n) {
    return (n + lane_count - 1) / lane_count * lane_count;
}

}  // namespace nanotilt
