// Squared distances of samples from templates, and sums of their exponentials while they are in registers.
//
// A tile of rows_at_once samples by tile_width templates is a small matrix product whose sums stay in registers: for each value,
// three vectors of templates and one number of each sample are loaded, for rows_at_once * 3 multiply-adds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../base/elementary.hpp"
#include "../inference/template_likelihood.hpp"

#ifdef __AVX__
#include <immintrin.h>
#endif

namespace nanotilt {

// Vectors of a given size are a language extension of GCC and Clang alike; arithmetic on them goes element by element.
#if defined(__AVX512F__)
inline constexpr int tile_lanes = 16;
inline constexpr int rows_at_once = 8;  // 24 of 32 registers hold sums
#elif defined(__AVX__)
inline constexpr int tile_lanes = 8;
inline constexpr int rows_at_once = 4;  // 12 of 16
#else
inline constexpr int tile_lanes = 4;
inline constexpr int rows_at_once = 4;
#endif
inline constexpr int vectors_at_once = 3;
inline constexpr int tile_width = vectors_at_once * tile_lanes;
static_assert(templates_per_panel % tile_width == 0);

typedef float Lanes __attribute__((vector_size(tile_lanes * sizeof(float))));
typedef std::int32_t LaneBits __attribute__((vector_size(tile_lanes * sizeof(float))));

static inline Lanes load_lanes(const float* from) {
    Lanes lanes;
    std::memcpy(&lanes, from, sizeof lanes);
    return lanes;
}

static inline void store_lanes(float* to, Lanes lanes) {
    std::memcpy(to, &lanes, sizeof lanes);
}

static inline Lanes multiply_add(Lanes a, Lanes b, Lanes c) {
#if defined(__AVX512F__)
    return _mm512_fmadd_ps(a, b, c);
#elif defined(__FMA__)
    return _mm256_fmadd_ps(a, b, c);
#else
    return a * b + c;
#endif
}

/// exp(x) for x in [-32, 0]; 0 below. Relative error below 3e-7.
static inline Lanes exp_lanes(Lanes x) {
    constexpr float to_integer = 12582912.0F;  // 1.5 * 2^23: added, it leaves the nearest integer in the lowest bits
    const Lanes zero = x - x;
    const LaneBits within = x >= -32.0F;
    x = within ? x : zero;
    const Lanes shifted = multiply_add(x, zero + 1.44269504F, zero + to_integer);
    const Lanes n = shifted - to_integer;
    // ln 2 in two parts: the first has 9 trailing zero bits, so that n times it is exact.
    const Lanes r = multiply_add(n, zero + 2.12194440e-4F, multiply_add(n, zero - 0.693359375F, x));
    Lanes p = zero + 1.0F / 720.0F;
    p = multiply_add(p, r, zero + 1.0F / 120.0F);
    p = multiply_add(p, r, zero + 1.0F / 24.0F);
    p = multiply_add(p, r, zero + 1.0F / 6.0F);
    p = multiply_add(p, r, zero + 0.5F);
    p = multiply_add(p, r, zero + 1.0F);
    p = multiply_add(p, r, zero + 1.0F);
    const LaneBits scaled = (LaneBits)p + ((LaneBits)shifted << 23);  // the rest of to_integer's bits is shifted out
    return (Lanes)(scaled & within);
}

/// Products of rows_at_once samples with tile_width templates.
static inline void multiply_tile(const float* const* rows, const float* panel, std::ptrdiff_t n_values,
                                 Lanes (&product)[rows_at_once][vectors_at_once]) {
    for (auto& row : product) {
        for (Lanes& lanes : row) {
            lanes = Lanes{};
        }
    }
    for (std::ptrdiff_t v = 0; v < n_values; ++v) {
        Lanes templates[vectors_at_once];
#pragma GCC unroll 3
        for (int k = 0; k < vectors_at_once; ++k) {
            templates[k] = load_lanes(panel + v * templates_per_panel + k * tile_lanes);
        }
#pragma GCC unroll 8
        for (int r = 0; r < rows_at_once; ++r) {
            const Lanes value = Lanes{} + rows[r][v];
#pragma GCC unroll 3
            for (int k = 0; k < vectors_at_once; ++k) {
                product[r][k] = multiply_add(value, templates[k], product[r][k]);
            }
        }
    }
}

/// Sums of one sample during a call: by lane, so that nothing has to be added across.
struct LaneSums {
    float* lanes;  // n_widths x tile_lanes
    int n_widths;
    float narrowness;

    /// Makes the sums relative to a smallest distance that is smaller by `less`.
    void rebase(float less) const {
        Lanes factor = exp_lanes(Lanes{} - less * narrowness);
        for (int j = 0; j < n_widths; ++j) {
            store_lanes(lanes + j * tile_lanes, load_lanes(lanes + j * tile_lanes) * factor);
            factor = squared(factor);
        }
    }

    void add(const Lanes (&excess)[vectors_at_once]) const {
        Lanes terms[vectors_at_once];
        for (int k = 0; k < vectors_at_once; ++k) {
            terms[k] = exp_lanes(excess[k] * -narrowness);
        }
        for (int j = 0; j < n_widths; ++j) {
            Lanes sum = load_lanes(lanes + j * tile_lanes);
            for (Lanes& term : terms) {
                sum += term;
                term = squared(term);
            }
            store_lanes(lanes + j * tile_lanes, sum);
        }
    }

    // Products below 1e-36 count as 0: subnormal numbers would take a hundred cycles each.
    static Lanes squared(Lanes x) {
        const LaneBits kept = x > 1e-18F;
        return (Lanes)((LaneBits)(x * (kept ? x : Lanes{})) & kept);
    }
};

/// Smallest of a tile's row. Floats >= 0 are ordered as their bits are, and integers may be compared in any order.
static inline float smallest_of(const Lanes (&distances)[vectors_at_once]) {
    std::int32_t bits[tile_width];
    std::memcpy(bits, distances, sizeof bits);
    std::int32_t smallest = bits[0];
    for (const std::int32_t b : bits) {
        smallest = b < smallest ? b : smallest;
    }
    return float_from_bits(smallest);
}

/// One sample against one tile: distances from products, then their exponentials.
static inline void add_row(const Lanes (&product)[vectors_at_once], const float* template_norms, float sample_norm, float* smallest,
                           const LaneSums& sums) {
    Lanes distances[vectors_at_once];
    for (int k = 0; k < vectors_at_once; ++k) {
        const Lanes both = load_lanes(template_norms + k * tile_lanes) + sample_norm;
        const Lanes d = multiply_add(product[k], Lanes{} - 2.0F, both);
        distances[k] = d > 0.0F ? d : Lanes{};
    }
    const float nearest = smallest_of(distances);
    if ((nearest - *smallest) * sums.narrowness > 32.0F) {
        return;  // nearly always: most templates are far away
    }
    if (nearest < *smallest) {
        sums.rebase(*smallest - nearest);
        *smallest = nearest;
    }
    for (Lanes& d : distances) {
        d -= *smallest;
    }
    sums.add(distances);
}

/// Adds what the lanes hold to the totals, which are relative to the smallest distance before the call.
static inline void collect(const LaneSums& sums, float smallest_before, float smallest, double* totals) {
    for (int j = 0; j < sums.n_widths; ++j) {
        const double s = static_cast<double>(sums.narrowness) * static_cast<double>(1 << j);
        double total = totals[j];
        if (total > 0.0 && smallest < smallest_before) {
            total *= exp_double(-s * (static_cast<double>(smallest_before) - static_cast<double>(smallest)));
        }
        for (int lane = 0; lane < tile_lanes; ++lane) {
            total += static_cast<double>(sums.lanes[j * tile_lanes + lane]);
        }
        totals[j] = total;
    }
}

static inline float squared_norm(const float* values, std::ptrdiff_t n) {
    double sum = 0.0;
    for (std::ptrdiff_t v = 0; v < n; ++v) {
        sum += static_cast<double>(values[v]) * static_cast<double>(values[v]);
    }
    return static_cast<float>(sum);
}

/// One panel against rows_at_once samples or fewer.
static inline void add_panel(const TemplatePanels& panels, std::ptrdiff_t panel, const float* samples, std::ptrdiff_t count,
                             const float* norms, float* smallest, const LaneSums& first_sums) {
    const float* rows[rows_at_once];
    for (std::ptrdiff_t r = 0; r < rows_at_once; ++r) {
        rows[r] = samples + (r < count ? r : 0) * panels.n_values;
    }
    for (int at = 0; at < templates_per_panel; at += tile_width) {
        Lanes product[rows_at_once][vectors_at_once];
        multiply_tile(rows, panels.values + panel * templates_per_panel * panels.n_values + at, panels.n_values, product);
        for (std::ptrdiff_t r = 0; r < count; ++r) {
            const LaneSums sums{first_sums.lanes + r * first_sums.n_widths * tile_lanes, first_sums.n_widths,
                                first_sums.narrowness};
            add_row(product[r], panels.squared_norms + panel * templates_per_panel + at, norms[r], smallest + r, sums);
        }
    }
}

}  // namespace nanotilt
