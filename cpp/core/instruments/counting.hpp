// Rarely used parts of a detector: exact counting noise (kernels/counting.hpp has the fast one) and centring. Scalar code,
// compiled once.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../base/philox.hpp"
#include "../base/stop.hpp"

namespace nanotilt {

/// Philox blocks set aside for the Poisson draw of one value. 2^25 values fill the blocks of a counter's object; the next ones
/// have those of the next object.
inline constexpr std::uint32_t counting_blocks_per_value = 128;
inline constexpr int counted_values_per_object_bits = 25;

/// Each value t becomes a count / dose, count ~ Poisson(dose * max(t, 0)). `first_value` numbers the first one within its sample.
void count_electrons(float* values, std::ptrdiff_t n, double dose, const StreamPosition& at, std::ptrdiff_t first_value,
                     StopPoints& points);

/// One Poisson count with mean lambda >= 0 from the blocks of one value of a sample. Exact: exponential gaps below a mean of 10,
/// transformed rejection (Hoermann 1993, algorithm PTRS) from there on.
double poisson(double lambda, const StreamPosition& at, std::uint64_t value_number);

/// Moves a view, by linear interpolation, so that the centre of mass of its signal above background comes to its middle, (n - 1)
/// / 2. What comes in from outside is background. A view whose signal sums to least_mass or less stays where it is: the centre of
/// mass of noise could be anywhere. `scratch` holds n values.
void centre_of_mass_to_middle(float* values, int n, float background, double least_mass, float* scratch);

}  // namespace nanotilt
