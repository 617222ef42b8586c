#include "counting.hpp"

#include <cmath>

#include "../base/elementary.hpp"

namespace nanotilt {
namespace {

PhiloxWords counting_words(const StreamPosition& at, std::uint64_t value_number, std::uint32_t step) {
    constexpr std::uint64_t in_object = (std::uint64_t{1} << counted_values_per_object_bits) - 1;
    const auto block = static_cast<std::uint32_t>((value_number & in_object) * counting_blocks_per_value) + step;
    return random_words(at, Purpose::counting, block, static_cast<std::uint32_t>(value_number >> counted_values_per_object_bits));
}

// Uniform in (0, 1) from two words, 53 bits.
double uniform_open(std::uint32_t high, std::uint32_t low) {
    const std::uint64_t bits = (std::uint64_t{high} << 21) ^ (low >> 11);
    return (static_cast<double>(bits) + 0.5) * 0x1p-53;
}

// Counts exponential gaps until their sum passes lambda < 10. Four gaps a block; 128 blocks hold 512, out of reach.
double count_gaps(double lambda, const StreamPosition& at, std::uint64_t value_number) {
    double elapsed = 0.0;
    double count = 0.0;
    for (std::uint32_t step = 0; step < counting_blocks_per_value; ++step) {
        const PhiloxWords words = counting_words(at, value_number, step);
        for (const std::uint32_t word : words.w) {
            elapsed -= log_double((word + 0.5) * 0x1p-32);
            if (elapsed > lambda) {
                return count;
            }
            count += 1.0;
        }
    }
    return count;
}

// ln(k!) for k >= 0: Stirling's series (next term below 6e-11 at 9), products below.
double log_factorial(double k) {
    if (k < 9.0) {
        double product = 1.0;
        for (double i = 2.0; i <= k; i += 1.0) {
            product *= i;
        }
        return log_double(product);
    }
    const double x = k + 1.0;
    const double z = 1.0 / (x * x);
    const double series = (1.0 / 12.0 - z * (1.0 / 360.0 - z * (1.0 / 1260.0 - z * (1.0 / 1680.0)))) / x;
    return (x - 0.5) * log_double(x) - x + 0.91893853320467274178 + series;
}

double transformed_rejection(double lambda, const StreamPosition& at, std::uint64_t value_number) {
    const double b = 0.931 + 2.53 * std::sqrt(lambda);
    const double a = -0.059 + 0.02483 * b;
    const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    const double accept_at_once = 0.9277 - 3.6224 / (b - 2.0);
    const double log_lambda = log_double(lambda);
    for (std::uint32_t step = 0; step < counting_blocks_per_value; ++step) {
        const PhiloxWords words = counting_words(at, value_number, step);
        const double u = uniform_open(words.w[0], words.w[1]) - 0.5;
        const double v = uniform_open(words.w[2], words.w[3]);
        const double us = 0.5 - std::fabs(u);
        const double k = std::floor((2.0 * a / us + b) * u + lambda + 0.43);
        if (us >= 0.07 && v <= accept_at_once) {
            return k;
        }
        if (k < 0.0 || (us < 0.013 && v > us)) {
            continue;
        }
        if (log_double(v * inverse_alpha / (a / (us * us) + b)) <= k * log_lambda - lambda - log_factorial(k)) {
            return k;
        }
    }
    return std::floor(lambda);  // every step rejects less than 1 draw in 5: below 1e-89
}

}  // namespace

double poisson(double lambda, const StreamPosition& at, std::uint64_t value_number) {
    if (!(lambda > 0.0)) {
        return 0.0;
    }
    return lambda < 10.0 ? count_gaps(lambda, at, value_number) : transformed_rejection(lambda, at, value_number);
}

void count_electrons(float* values, std::ptrdiff_t n, double dose, const StreamPosition& at, std::ptrdiff_t first_value,
                     StopPoints& points) {
    for (std::ptrdiff_t i = 0; i < n && !points.stop_after(100); ++i) {
        const double count = poisson(dose * static_cast<double>(values[i]), at, static_cast<std::uint64_t>(first_value + i));
        values[i] = static_cast<float>(count / dose);
    }
}

void centre_of_mass_to_middle(float* values, int n, float background, double least_mass, float* scratch) {
    double mass = 0.0;
    double moment = 0.0;
    for (int i = 0; i < n; ++i) {
        const double signal = static_cast<double>(values[i]) - background;
        mass += signal;
        moment += signal * i;
        scratch[i] = values[i];
    }
    if (!(mass > least_mass)) {
        return;
    }
    const double middle = 0.5 * (n - 1);
    const double shift = moment / mass - middle;
    for (int i = 0; i < n; ++i) {
        const double from = i + shift;
        const double floor_from = std::floor(from);
        const double fraction = from - floor_from;
        const auto value_at = [&](double index) {
            return index >= 0.0 && index <= n - 1 ? static_cast<double>(scratch[static_cast<int>(index)]) : background;
        };
        values[i] = static_cast<float>((1.0 - fraction) * value_at(floor_from) + fraction * value_at(floor_from + 1.0));
    }
}

}  // namespace nanotilt
