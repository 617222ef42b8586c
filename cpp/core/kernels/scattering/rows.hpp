// One row of an image: what each term adds to it.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../normals.hpp"
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

inline void radial_row(const PixelRow& row, const ScatterTerm& term, Columns columns) {
    for (std::ptrdiff_t i = columns.begin; i < columns.end; i += wave_lanes) {
        store_lanes(term.all + i, looked_up(term.table, row.s.radius + i));
    }
    if (term.higher != nullptr) {
        for (std::ptrdiff_t i = columns.begin; i < columns.end; i += wave_lanes) {
            store_lanes(term.higher + i, looked_up(term.others, row.s.radius + i));
        }
    }
}

/// (cos, sin) of `half` times an angle of this cosine and sine.
inline void multiply_angle(int half, WaveLanes cos2, WaveLanes sin2, WaveLanes& cosine, WaveLanes& sine) {
    cosine = cos2;
    sine = sin2;
    for (int h = 1; h < half; ++h) {
        const WaveLanes next = cosine * cos2 - sine * sin2;
        sine = cosine * sin2 + sine * cos2;
        cosine = next;
    }
}

/// A profile times the Poisson kernel (1 - eta^2) / (1 + eta^2 - 2 eta cos m(chi - chi0)).
inline void fold_row(const PixelRow& row, const ScatterTerm& term, Columns columns) {
    const int half = term.m / 2;
    const float numerator = 1.0F - term.eta * term.eta;
    const float constant = 1.0F + term.eta * term.eta;
    const float of_cos = 2.0F * term.eta * term.cos_chi;
    const float of_sin = 2.0F * term.eta * term.sin_chi;
    for (std::ptrdiff_t i = columns.begin; i < columns.end; i += wave_lanes) {
        WaveLanes cosine;
        WaveLanes sine;
        multiply_angle(half, load_wave(row.s.cos2 + i), load_wave(row.s.sin2 + i), cosine, sine);
        const WaveLanes kernel = numerator / (constant - (cosine * of_cos + sine * of_sin));
        const WaveLanes place = load_wave(row.s.radius + i);
        const IntLanes index = whole_lanes(place);
        const WaveLanes fraction = place - floats_of_lanes(index);
        const WaveLanes even = between_entries(term.table, index, fraction);
        store_lanes(term.all + i, even * kernel);
        if (term.even != nullptr) {
            store_lanes(term.even + i, even);
        }
        if (term.higher != nullptr) {
            store_lanes(term.higher + i, between_entries(term.others, index, fraction) * kernel);
        }
    }
}

/// Sums of layers, each a table over q sqrt(sin^2 + stretch^2 cos^2).
inline void distorted_row(const PixelRow& row, const ScatterTerm& term) {
    clear_row(row, term.all);
    clear_row(row, term.higher);
    const float last = static_cast<float>(distorted_entries - 1);
    for (int k = 0; k < term.n_layers; ++k) {
        const DistortedLayer& layer = term.layers[k];
        const float constant = 0.5F + 0.5F * layer.stretch2;
        const float of_cos = (0.5F * layer.stretch2 - 0.5F) * term.cos_chi;
        const float of_sin = (0.5F * layer.stretch2 - 0.5F) * term.sin_chi;
        for (std::ptrdiff_t i = 0; i < row.width; i += wave_lanes) {
            const WaveLanes square = constant + (load_wave(row.s.cos2 + i) * of_cos + load_wave(row.s.sin2 + i) * of_sin);
            const WaveLanes stretched = load_wave(row.s.q + i) * root_lanes(larger_lanes(square, WaveLanes{}));
            const WaveLanes place = smaller_lanes(stretched * layer.inverse_step, WaveLanes{} + last);
            const IntLanes index = whole_lanes(place);
            const WaveLanes fraction = place - floats_of_lanes(index);
            WaveLanes form = WaveLanes{} + 1.0F;
            if (layer.form != nullptr) {
                form = looked_up(layer.form, row.s.radius + i);
            }
            store_lanes(term.all + i, load_wave(term.all + i) + between_entries(layer.table, index, fraction) * form);
            if (term.higher != nullptr && layer.others != nullptr) {
                store_lanes(term.higher + i, load_wave(term.higher + i) + between_entries(layer.others, index, fraction) * form);
            }
        }
    }
}

/// The place of a direction in a table along the sides of a square: no arc tangent is needed.
inline WaveLanes place_of_direction(WaveLanes cosine, WaveLanes sine) {
    constexpr float quarter = static_cast<float>(spot_entries) / 4.0F;
    const WaveLanes up = sine / larger_lanes(magnitude_lanes(cosine) + magnitude_lanes(sine), WaveLanes{} + 1e-20F);
    const WaveLanes right = up < WaveLanes{} ? 4.0F + up : up;
    const WaveLanes side = cosine < WaveLanes{} ? 2.0F - up : right;
    return smaller_lanes(side * quarter, WaveLanes{} + static_cast<float>(spot_entries));
}

inline void spots_row(const PixelRow& row, const ScatterTerm& term) {
    clear_row(row, term.all);
    clear_row(row, term.even);
    clear_row(row, term.higher);
    const auto y = static_cast<float>(row.y);
    for (int k = 0; k < term.n_rings; ++k) {
        const SpottedRing& ring = term.rings[k];
        Columns columns[2];
        const int n_runs = columns_between(row, ring.lo, ring.hi, columns);
        for (int run = 0; run < n_runs; ++run) {
            for (std::ptrdiff_t i = columns[run].begin; i < columns[run].end; i += wave_lanes) {
                WaveLanes cosine;
                WaveLanes sine;
                if (term.m == 1) {
                    cosine = WaveLanes{} + y;
                    sine = load_wave(row.s.x + i);
                } else {
                    multiply_angle(term.m / 2, load_wave(row.s.cos2 + i), load_wave(row.s.sin2 + i), cosine, sine);
                }
                const WaveLanes place = place_of_direction(cosine, sine);
                const IntLanes index = whole_lanes(place);
                const WaveLanes spots = between_entries(ring.directions, index, place - floats_of_lanes(index));
                const WaveLanes radial = looked_up(ring.radial, row.s.radius + i);
                const WaveLanes own = radial * spots;
                store_lanes(term.all + i, load_wave(term.all + i) + own);
                if (term.even != nullptr) {
                    store_lanes(term.even + i, load_wave(term.even + i) + radial * ring.mean);
                    if (ring.higher) {
                        store_lanes(term.higher + i, load_wave(term.higher + i) + own);
                    }
                }
            }
        }
    }
}

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

inline void grains_row(const PixelRow& row, const StreamPosition& at, ScatterTerm& term, Columns columns) {
    draw_grains(row, at, term.grains);
    fold_row(row, term, columns);
    for (std::ptrdiff_t i = columns.begin; i < columns.end; i += wave_lanes) {
        const WaveLanes field = grains_at(term.grains, i);
        store_lanes(term.all + i, load_wave(term.all + i) * field);
        if (term.even != nullptr) {
            store_lanes(term.even + i, load_wave(term.even + i) * field);
        }
    }
}

/// cos(2 pi t) for t in [-1/2, 1/2]: error below 5e-7.
inline WaveLanes cosine_of_turns(WaveLanes t) {
    const WaveLanes z = t * t;
    WaveLanes sum = z * 6.54592026F - 25.98148036F;
    sum = sum * z + 60.17191141F;
    sum = sum * z - 85.45077016F;
    sum = sum * z + 64.93916226F;
    sum = sum * z - 19.73920584F;
    return sum * z + 1.0F;
}

/// A profile times the interference of three spheres by three by three, of each turn.
inline void mesostructure_row(const PixelRow& row, const ScatterTerm& term, Columns columns) {
    const float magic = 12582912.0F;  // 1.5 * 2^23: adding and subtracting rounds to the nearest integer
    const auto y = static_cast<float>(row.y);
    for (std::ptrdiff_t i = columns.begin; i < columns.end; i += wave_lanes) {
        const WaveLanes x = load_wave(row.s.x + i);
        WaveLanes sum{};
        for (int k = 0; k < term.n_turns; ++k) {
            const float* turns = term.turns + 6 * k;
            WaveLanes product = WaveLanes{} + 1.0F;
            for (int axis = 0; axis < 3; ++axis) {
                const WaveLanes phase = x * turns[2 * axis] + y * turns[2 * axis + 1];
                product *= 1.0F + 2.0F * cosine_of_turns(phase - ((phase + magic) - magic));
            }
            sum += product * product;
        }
        store_lanes(term.all + i, looked_up(term.table, row.s.radius + i) * sum);
    }
}

/// Writes what the term adds to a row into its own rows.
inline void write_term(const PixelRow& row, const StreamPosition& at, ScatterTerm& term) {
    if (term.shape == TermShape::distorted) {
        return distorted_row(row, term);
    }
    if (term.shape == TermShape::spots) {
        return spots_row(row, term);
    }
    Columns columns[2];
    const int n_runs = columns_between(row, term.lo, term.hi, columns);
    const bool whole = n_runs == 1 && columns[0].begin == 0 && columns[0].end == row.width;
    if (!whole) {
        clear_row(row, term.all);
        clear_row(row, term.even);
        clear_row(row, term.higher);
    }
    for (int run = 0; run < n_runs; ++run) {
        switch (term.shape) {
            case TermShape::radial:
                radial_row(row, term, columns[run]);
                break;
            case TermShape::fold:
                fold_row(row, term, columns[run]);
                break;
            case TermShape::grains:
                grains_row(row, at, term, columns[run]);
                break;
            default:
                mesostructure_row(row, term, columns[run]);
        }
    }
}

}  // namespace
}  // namespace nanotilt
