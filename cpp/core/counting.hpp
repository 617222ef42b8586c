// Rarely used parts of a detector: counting noise and centring. Scalar code, compiled once.
#pragma once

#include <cstdint>

#include "philox.hpp"
#include "stop.hpp"

namespace nanotilt {

/// Philox blocks set aside for the Poisson draw of one bin.
inline constexpr std::uint32_t counting_blocks_per_bin = 128;

/// Each value t becomes a count / dose, count ~ Poisson(dose * max(t, 0)). `first_bin` numbers the first value within its sample.
void count_electrons(float* values, int n, double dose, const StreamPosition& at, std::uint32_t first_bin, StopPoints& points);

/// One Poisson count with mean lambda >= 0 from the blocks of one bin. Exact: exponential gaps below a mean of 10, transformed
/// rejection (Hoermann 1993, algorithm PTRS) from there on.
double poisson(double lambda, const StreamPosition& at, std::uint32_t bin);

/// Moves a view, by linear interpolation, so that the centre of mass of its signal above background comes to its middle, (n - 1)
/// / 2. What comes in from outside is background. A view whose signal sums to least_mass or less stays where it is: the centre of
/// mass of noise could be anywhere. `scratch` holds n values.
void centre_of_mass_to_middle(float* values, int n, float background, double least_mass, float* scratch);

}  // namespace nanotilt
