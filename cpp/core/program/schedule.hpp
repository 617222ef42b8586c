// Which class a sample belongs to: classes follow their weights over any run of samples, not only on average.
#pragma once

#include <cstdint>
#include <vector>

#include "../base/philox.hpp"

namespace nanotilt {

/// Spreads the classes evenly over the stream: see `label_of`.
struct ClassSchedule {
    std::uint32_t period;                  // samples per block
    bool equal;                            // equal weights: every block holds every class once
    std::vector<std::uint32_t> fractions;  // node k: share of class k among classes k, k+1, ... in 2^-32
    std::vector<bool> certain;             // node k takes all that reach it
};

/// Works out the schedule of non-negative weights, of which at least one is positive.
ClassSchedule class_schedule(const std::vector<double>& weights);

/// The class of sample `at.index`.
///
/// Samples are dealt in blocks of `period`. A block's classes follow from its number alone (equal weights: each class once; else
/// nested Bresenham sequences, so that any run of n samples holds n * weight of a class up to a small constant); a random rotation
/// of each block keeps every k-th sample from always being of one class.
std::int32_t label_of(const ClassSchedule& schedule, const StreamPosition& at);

}  // namespace nanotilt
