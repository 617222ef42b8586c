// Sums of plane waves, row by row: textures of supports, and crystals. A wave cos(kx x + ky y + phase) is two products of a number
// of its row and a table over columns.
#pragma once

#include <cstddef>
#include <cstring>

#include "../base/layout.hpp"

namespace nanotilt {

namespace {

// Vectors of a given size are a language extension of GCC and Clang alike: the sums of some rows stay in registers, where arrays of
// 16 floats were stored after every wave (three times as slow). The order of each pixel's sum does not depend on the size.
#if defined(__AVX512F__)
constexpr int wave_lanes = 16;
#elif defined(__AVX__)
constexpr int wave_lanes = 8;
#else
constexpr int wave_lanes = 4;
#endif
constexpr int wave_vectors = wave_lanes == 16 ? 1 : 2;
static_assert(lane_count % (wave_vectors * wave_lanes) == 0);
typedef float WaveLanes __attribute__((vector_size(wave_lanes * sizeof(float))));

inline WaveLanes load_wave(const float* from) {
    WaveLanes lanes;
    std::memcpy(&lanes, from, sizeof lanes);
    return lanes;
}

/// Tables of waves, `pitch` apart: what a row adds is of_cos_y cos_x + of_sin_y sin_x.
struct WaveTables {
    const float* cos_x;
    const float* sin_x;
    const float* cos_y;
    const float* sin_y;
    const float* columns;  // where each column is, for the ramp
    std::ptrdiff_t pitch;
};

/// What each row starts with, and a ramp along x.
struct Ramp {
    float start[rows_together];
    float step;
};

/// `rows_together` rows from `row` on, tables.pitch apart, into `out`: a ramp, and waves, added up in this order.
inline void add_up_waves(const WaveTables& tables, int n_waves, int n, int row, const Ramp& ramp, float* __restrict out) {
    for (std::ptrdiff_t begin = 0; begin < n; begin += wave_vectors * wave_lanes) {
        WaveLanes sum[rows_together][wave_vectors];
        for (int v = 0; v < wave_vectors; ++v) {
            const WaveLanes rise = (WaveLanes{} + ramp.step) * load_wave(tables.columns + begin + v * wave_lanes);
            for (int r = 0; r < rows_together; ++r) {
                sum[r][v] = (WaveLanes{} + ramp.start[r]) + rise;
            }
        }
        for (int m = 0; m < n_waves; ++m) {
            const std::ptrdiff_t wave = static_cast<std::ptrdiff_t>(m) * tables.pitch;
            WaveLanes cos_x[wave_vectors];
            WaveLanes sin_x[wave_vectors];
            for (int v = 0; v < wave_vectors; ++v) {
                cos_x[v] = load_wave(tables.cos_x + wave + begin + v * wave_lanes);
                sin_x[v] = load_wave(tables.sin_x + wave + begin + v * wave_lanes);
            }
            for (int r = 0; r < rows_together; ++r) {
                const WaveLanes a = WaveLanes{} + tables.cos_y[wave + row + r];
                const WaveLanes b = WaveLanes{} + tables.sin_y[wave + row + r];
                for (int v = 0; v < wave_vectors; ++v) {
                    sum[r][v] += a * cos_x[v] + b * sin_x[v];
                }
            }
        }
        for (int r = 0; r < rows_together; ++r) {
            for (int v = 0; v < wave_vectors; ++v) {
                std::memcpy(out + r * tables.pitch + begin + v * wave_lanes, &sum[r][v], sizeof sum[r][v]);
            }
        }
    }
}

}  // namespace
}  // namespace nanotilt
