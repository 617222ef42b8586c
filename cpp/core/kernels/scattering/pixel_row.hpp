// A row of pixels: where they are, and tables looked up at them.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "lanes.hpp"
#include "scratch.hpp"

namespace nanotilt {
namespace {

/// Columns [begin, end), whole vectors of the longest kind.
struct Columns {
    std::ptrdiff_t begin;
    std::ptrdiff_t end;
};

/// A row of pixels: where it is, and what all terms ask for.
struct PixelRow {
    const AreaPlan& area;
    const ScatteringScratch& s;
    double y;               // of its middle, from the beam
    double beam_x;          // in pixels, from the frame's left side
    std::ptrdiff_t number;  // from the top
    std::ptrdiff_t width;   // whole vectors of the longest kind
};

/// Columns that may be between two radii: one or two runs of them. Further ones are no mistake, tables are 0 there.
inline int columns_between(const PixelRow& row, float lo, float hi, Columns (&columns)[2]) {
    const double y = row.y < 0.0 ? -row.y : row.y;
    const auto outer = static_cast<double>(hi) + 1.0;
    if (y > outer) {
        return 0;
    }
    const auto last = static_cast<double>(row.width);
    const auto between = [&](double from, double to) {
        const double begin = std::floor((row.beam_x + from) / lane_count) * lane_count;
        const double end = std::ceil((row.beam_x + to) / lane_count) * lane_count;
        const double bounded_begin = begin > 0.0 ? begin : 0.0;
        const double bounded_end = end < last ? end : last;
        return Columns{static_cast<std::ptrdiff_t>(bounded_begin), static_cast<std::ptrdiff_t>(bounded_end)};
    };
    const double half = std::sqrt(outer * outer - y * y);
    const double inner = static_cast<double>(lo) - 1.0;
    if (inner > y) {
        const double hole = std::sqrt(inner * inner - y * y);
        columns[0] = between(-half, -hole + 1.0);
        columns[1] = between(hole - 1.0, half);
        if (columns[0].begin >= columns[0].end) {
            columns[0] = columns[1];
            return columns[0].begin < columns[0].end ? 1 : 0;
        }
        if (columns[1].begin >= columns[1].end) {
            return 1;
        }
        if (columns[1].begin > columns[0].end) {
            return 2;
        }
        columns[0].end = columns[1].end;
        return 1;
    }
    columns[0] = between(-half, half);
    return columns[0].begin < columns[0].end ? 1 : 0;
}

/// Radii, and cosine and sine of twice the angle from the vertical: chi = atan2(x, y).
inline void write_polar(const PixelRow& row, bool directions) {
    const auto y = static_cast<float>(row.y);
    const WaveLanes y2 = WaveLanes{} + y * y;
    const WaveLanes twice_y = WaveLanes{} + 2.0F * y;
    const WaveLanes least = WaveLanes{} + 1e-6F;
    for (std::ptrdiff_t i = 0; i < row.width; i += wave_lanes) {
        const WaveLanes x = load_wave(row.s.x + i);
        const WaveLanes x2 = x * x;
        const WaveLanes r2 = larger_lanes(x2 + y2, least);
        store_lanes(row.s.radius + i, root_lanes(r2) * static_cast<float>(table_steps));
        if (directions) {
            const WaveLanes inverse = 1.0F / r2;
            store_lanes(row.s.cos2 + i, (y2 - x2) * inverse);
            store_lanes(row.s.sin2 + i, x * twice_y * inverse);
        }
    }
}

inline WaveLanes looked_up(const float* table, const float* radius) {
    const WaveLanes place = load_wave(radius);
    const IntLanes index = whole_lanes(place);
    return between_entries(table, index, place - floats_of_lanes(index));
}

inline void write_q(const PixelRow& row) {
    const float* table = row.area.q.data() + table_margin;
    for (std::ptrdiff_t i = 0; i < row.width; i += wave_lanes) {
        store_lanes(row.s.q + i, looked_up(table, row.s.radius + i));
    }
}

inline void clear_row(const PixelRow& row, float* values) {
    if (values != nullptr) {
        std::memset(values, 0, static_cast<std::size_t>(row.width) * sizeof(float));
    }
}

}  // namespace
}  // namespace nanotilt
