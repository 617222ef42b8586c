// Profiles over the radius, as tables in steps of an eighth of a pixel, averaged over a pixel's width.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../../base/elementary.hpp"
#include "../../instruments/area_detector.hpp"
#include "../../scenes/scattering/draws.hpp"
#include "scratch.hpp"

namespace nanotilt {
namespace {

/// The normal distribution function, by the error function of Abramowitz and Stegun, 7.1.26: error below 2e-7.
inline float normal_share(float z) {
    const float x = bits_from_float(z) < 0 ? -z * 0.70710678F : z * 0.70710678F;
    const float t = 1.0F / (1.0F + 0.3275911F * x);
    const float tail =
        ((((1.061405429F * t - 1.453152027F) * t + 1.421413741F) * t - 0.284496736F) * t + 0.254829592F) * t * exp_float(-(x * x));
    const float lower = 0.5F * tail;
    return z < 0.0F ? lower : 1.0F - lower;
}

/// |F|^2 of a sphere: ((sin x - x cos x) / x^3)^2, for x >= 0; 1/9 at 0.
inline float sphere_form(float x) {
    const float far = x < 9000.0F ? x : 9000.0F;
    const float safe = far > 0.7F ? far : 0.7F;
    const SinCos at = sincos_float(safe);
    const float direct = (at.sin - safe * at.cos) / (safe * safe * safe);
    const float z = x * x;
    const float series = 1.0F / 3.0F + z * (-1.0F / 30.0F + z * (1.0F / 840.0F + z * (-1.0F / 45360.0F)));
    const float amplitude = x > 0.7F ? direct : series;
    return amplitude * amplitude;
}

/// The first entry of a table with the margins before it.
inline const float* q_entries(const AreaPlan& area) {
    return area.q.data() + table_margin;
}

/// Entries [begin, end) of a table, without its margins.
struct Entries {
    std::ptrdiff_t begin;
    std::ptrdiff_t end;
};

/// Those within `reach` of q0.
inline Entries entries_around(const AreaPlan& area, double q0, double reach) {
    const double from = q0 > reach ? area.radius_of(q0 - reach) * table_steps : 0.0;
    const double to = area.radius_of(q0 + reach) * table_steps + 2.0;
    const double last = area.n_table;
    return {static_cast<std::ptrdiff_t>(from < last ? from : last), static_cast<std::ptrdiff_t>(to < last ? to : last)};
}

/// Reach of a ring in its standard deviations: at its end it has 3e-7 of its height.
inline constexpr double ring_reach = 5.5;

/// Adds a Gaussian ring, its mean over a pixel's width: above a standard deviation of one pixel by what a pixel adds to the
/// variance, below exactly. Returns which entries.
inline Entries add_ring(const AreaPlan& area, double q0, double dq, double height, float* table) {
    const double pixel = area.k * area.tangent;
    const double std = std::sqrt(dq * dq + pixel * pixel / 12.0);
    const float* q = q_entries(area);
    const auto middle = static_cast<float>(q0);
    constexpr std::ptrdiff_t half = table_steps / 2;
    if (dq < pixel) {
        const Entries entries = entries_around(area, q0, ring_reach * dq + pixel);
        const auto inverse = static_cast<float>(1.0 / dq);
        const auto scale = static_cast<float>(height * dq * std::sqrt(2.0 * pi));
        for (std::ptrdiff_t i = entries.begin; i < entries.end; ++i) {
            const float low = q[i - half];
            const float high = q[i + half];
            const float share = normal_share((high - middle) * inverse) - normal_share((low - middle) * inverse);
            table[i] += scale * share / (high - low);
        }
        return entries;
    }
    const Entries entries = entries_around(area, q0, ring_reach * std);
    const auto inverse = static_cast<float>(1.0 / std);
    const auto scale = static_cast<float>(height * dq / std);
    for (std::ptrdiff_t i = entries.begin; i < entries.end; ++i) {
        const float z = (q[i] - middle) * inverse;
        table[i] += scale * exp_float(-0.5F * (z * z));
    }
    return entries;
}

/// Adds a function of q, its mean over a pixel's width from nine values.
template <class Profile>
inline void add_profile(const AreaPlan& area, const Profile& profile, float* __restrict raw_entries, float* __restrict table) {
    const float* q = q_entries(area);
    float* raw = raw_entries + table_margin;
    constexpr std::ptrdiff_t half = table_steps / 2;
    for (std::ptrdiff_t i = -half; i < area.n_table + half; ++i) {
        const float own = q[i];
        raw[i] = profile(own < 0.0F ? -own : own);
    }
    for (std::ptrdiff_t i = 0; i < area.n_table; ++i) {
        float sum = 0.5F * (raw[i - 4] + raw[i + 4]);
        sum += (raw[i - 3] + raw[i - 2]) + (raw[i - 1] + raw[i]) + (raw[i + 1] + raw[i + 2]) + raw[i + 3];
        table[i] += sum * (1.0F / 8.0F);
    }
}

inline void clear_table(const AreaPlan& area, float* table) {
    std::memset(table, 0, static_cast<std::size_t>(area.n_table) * sizeof(float));
}

/// Powers of q are taken from here on: half a pixel of 75 um from the beam.
inline constexpr float least_q = static_cast<float>(0.5 * reference_q);

/// One sort of scattering at low q, over an amplitude.
struct LowQProfile {
    int sort;
    float exponent;
    float length2;

    float operator()(float q) const {
        switch (sort) {
            case 0: {
                return exp_float(exponent * log_float((q > least_q ? q : least_q) * static_cast<float>(1.0 / reference_q)));
            }
            case 1:
                return 1.0F / (1.0F + q * q * length2);
            case 2: {
                const float root = 1.0F + q * q * length2;
                return 1.0F / (root * root);
            }
            default:
                return exp_float(q * q * length2 * (-1.0F / 3.0F));
        }
    }
};

inline LowQProfile low_q_profile(const DrawnLowQ& low, int sort) {
    return {sort, static_cast<float>(low.exponent), static_cast<float>(low.length * low.length)};
}

/// What is left of a Gaussian's peak at high q: 1 - exp(-s^2 q^2).
inline float without_small_angles(float s2, float q) {
    return 1.0F - exp_float(-s2 * (q * q));
}

/// The form of a lattice's spheres, and how thermal motion weakens orders.
struct LatticeProfile {
    float radius;
    float motion2;  // (2 pi s / q0)^2

    [[nodiscard]] float weakening(float q) const { return exp_float(-motion2 * (q * q)); }
    /// What the sum of orders is multiplied by.
    [[nodiscard]] float of_orders(float q) const {
        const float from = q > least_q ? q : least_q;
        return sphere_form(q * radius) * weakening(q) / (from * from);
    }
    /// The same without the form.
    [[nodiscard]] float of_orders_alone(float q) const {
        const float from = q > least_q ? q : least_q;
        return weakening(q) / (from * from);
    }
    /// Scattering between the orders.
    [[nodiscard]] float between(float q) const { return sphere_form(q * radius) * (1.0F - weakening(q)); }
};

inline LatticeProfile lattice_profile(const DrawnPart& part) {
    const double motion = 2.0 * pi * part.s / part.q0;
    return {static_cast<float>(part.radius), static_cast<float>(motion * motion)};
}

/// The largest value of a lattice's profile: of those at its orders and at places in geometric steps.
inline double largest_of_lattice(const DrawnPart& part, const LatticePeaks& peaks, bool between) {
    constexpr int n_places = 96;
    const LatticeProfile profile = lattice_profile(part);
    float largest = 0.0F;
    const auto at = [&](double place) {
        const auto q = static_cast<float>(place);
        float sum = 0.0F;
        for (int h = 0; h < peaks.n; ++h) {
            const auto z = static_cast<float>((place - peaks.x[static_cast<std::size_t>(h)] * part.q0) / part.dq);
            sum += static_cast<float>(peaks.weight[static_cast<std::size_t>(h)]) * exp_float(-0.5F * (z * z));
        }
        const float value = profile.of_orders(q) * sum + (between ? profile.between(q) : 0.0F);
        largest = value > largest ? value : largest;
    };
    for (int h = 0; h < peaks.n; ++h) {
        at(peaks.x[static_cast<std::size_t>(h)] * part.q0);
    }
    for (int i = 0; i < n_places; ++i) {
        at(part.q0 * exp_double((i - 80) * (0.693147180559945 / 8.0)));
    }
    return largest > 0.0F ? static_cast<double>(largest) : 1.0;
}

}  // namespace
}  // namespace nanotilt
