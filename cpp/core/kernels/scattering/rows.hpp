// One row of an image: what each term adds to it.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "grains.hpp"
#include "lanes.hpp"
#include "pixel_row.hpp"
#include "scratch.hpp"

namespace nanotilt {
namespace {

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
