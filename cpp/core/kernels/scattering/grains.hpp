// Smooth random fields: cubic B-splines through normals on a grid.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../normals.hpp"
#include "lanes.hpp"
#include "pixel_row.hpp"
#include "scratch.hpp"

namespace nanotilt {
namespace {

/// Of the words of a row of a field's grid.
inline std::uint32_t grain_object(const GrainRows& grains, int grid_row) {
    return static_cast<std::uint32_t>(grid_row) * 8U + grains.object;
}

/// B-splines' weights at a distance f in [0, 1) behind the second of four nodes.
inline void spline_weights(float f, float (&weights)[4]) {
    const float g = 1.0F - f;
    weights[0] = g * g * g * (1.0F / 6.0F);
    weights[1] = (4.0F - f * f * (6.0F - 3.0F * f)) * (1.0F / 6.0F);
    weights[2] = (4.0F - g * g * (6.0F - 3.0F * g)) * (1.0F / 6.0F);
    weights[3] = f * f * f * (1.0F / 6.0F);
}

/// Gets the four rows of the grid ready that a row of pixels needs, and sums them up. A smooth field of normals has variance 1
/// again after it is multiplied by 315 / 151.
inline void draw_grains(const PixelRow& row, const StreamPosition& at, GrainRows& grains) {
    constexpr float gain = 315.0F / 151.0F;
    const double place = (static_cast<double>(row.number) + 0.5) * grains.per_pixel;
    const auto first = static_cast<int>(place);
    const int n_columns = static_cast<int>(static_cast<double>(row.width) * grains.per_pixel) + 5;
    const int n_groups = (n_columns + normals_per_group - 1) / normals_per_group;
    grains.next = grains.next > first ? grains.next : first;
    for (; grains.next < first + 4; ++grains.next) {
        float* const values = grains.rows[grains.next % 4];
        fill_normals(at, {{Purpose::scattering_grain, n_groups, values, 0, grain_object(grains, grains.next)}});
    }
    float weights[4];
    spline_weights(static_cast<float>(place - first), weights);
    const float* a = grains.rows[first % 4];
    const float* b = grains.rows[(first + 1) % 4];
    const float* c = grains.rows[(first + 2) % 4];
    const float* d = grains.rows[(first + 3) % 4];
    for (int i = 0; i < n_columns; ++i) {
        const float sum = (weights[0] * a[i] + weights[1] * b[i]) + (weights[2] * c[i] + weights[3] * d[i]);
        grains.sum[i] = grains.mean + grains.std * gain * sum;
    }
}

/// The field of grains at pixels first ... first + wave_lanes - 1, cut at 0.
inline WaveLanes grains_at(const GrainRows& grains, std::ptrdiff_t first) {
    WaveLanes column;
    for (int i = 0; i < wave_lanes; ++i) {
        column[i] = static_cast<float>(static_cast<std::int32_t>(first) + i);
    }
    const WaveLanes place = (column + 0.5F) * static_cast<float>(grains.per_pixel);
    const IntLanes index = whole_lanes(place);
    const WaveLanes f = place - floats_of_lanes(index);
    const WaveLanes g = 1.0F - f;
    const WaveLanes sum =
        (g * g * g * gathered(grains.sum, index) + (4.0F - f * f * (6.0F - 3.0F * f)) * gathered(grains.sum + 1, index)) +
        ((4.0F - g * g * (6.0F - 3.0F * g)) * gathered(grains.sum + 2, index) + f * f * f * gathered(grains.sum + 3, index));
    return larger_lanes(sum * (1.0F / 6.0F), WaveLanes{});
}

}  // namespace
}  // namespace nanotilt
