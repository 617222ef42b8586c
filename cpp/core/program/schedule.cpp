#include "schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace nanotilt {
namespace {

// Samples per block of unequal weights: so many that the rarest class comes about once, but 256 at most, which bounds the runs of
// one class that rotation can make. Shares come right for any period, also for one that is smaller than the number of classes,
// because labels follow from a sample's place in the whole stream, not in its block.
std::uint32_t samples_per_block(double total_over_smallest, std::size_t n_classes) {
    return static_cast<std::uint32_t>(std::lround(std::min(std::max(total_over_smallest, static_cast<double>(n_classes)), 256.0)));
}

// floor(j * fraction / 2^32 + 1/2) without overflow: how many of j items a node has taken.
std::uint64_t taken(std::uint64_t j, std::uint32_t fraction) {
    const std::uint64_t high = (j >> 32) * fraction;
    const std::uint64_t low = ((j & 0xFFFFFFFFU) * fraction + 0x80000000U) >> 32;
    return high + low;
}

std::int32_t unrotated_label(const ClassSchedule& schedule, std::uint64_t j) {
    const std::size_t n = schedule.fractions.size();
    for (std::size_t k = 0; k + 1 < n; ++k) {
        if (schedule.certain[k]) {
            return static_cast<std::int32_t>(k);
        }
        const std::uint64_t before = taken(j, schedule.fractions[k]);
        if (taken(j + 1, schedule.fractions[k]) != before) {
            return static_cast<std::int32_t>(k);
        }
        j -= before;
    }
    return static_cast<std::int32_t>(n - 1);
}

}  // namespace

ClassSchedule class_schedule(const std::vector<double>& weights) {
    const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
    double smallest = total;
    for (const double weight : weights) {
        if (weight < 0.0) {
            throw std::invalid_argument("recipe: weights must be >= 0");
        }
        if (weight > 0.0) {
            smallest = std::min(smallest, weight);
        }
    }
    if (!(total > 0.0) || !std::isfinite(total)) {
        throw std::invalid_argument("recipe: weights must have a finite sum > 0");
    }
    const std::size_t n = weights.size();
    ClassSchedule schedule;
    schedule.equal = std::all_of(weights.begin(), weights.end(), [&](double w) { return w == weights.front(); });
    schedule.period = schedule.equal ? static_cast<std::uint32_t>(n) : samples_per_block(total / smallest, n);
    double rest = total;
    for (const double weight : weights) {
        const double share = rest > 0.0 ? std::min(weight / rest, 1.0) : 0.0;
        schedule.fractions.push_back(static_cast<std::uint32_t>(std::min(share * 0x1p32, 4294967295.0)));
        rest -= weight;
        // Rounding must not leave a crumb of probability to classes of weight 0 at the end.
        schedule.certain.push_back(weight > 0.0 && rest <= 1e-12 * total);
    }
    return schedule;
}

std::int32_t label_of(const ClassSchedule& schedule, const StreamPosition& at) {
    const std::uint32_t period = schedule.period;
    if (period == 1) {
        return 0;
    }
    const std::uint64_t block = at.index / period;
    const auto place = static_cast<std::uint32_t>(at.index % period);
    const PhiloxWords words = random_words({at.key, at.domain, block}, Purpose::label, 0);
    const auto rotation = static_cast<std::uint32_t>((std::uint64_t{words.w[0]} * period) >> 32);
    const std::uint32_t turned = (place + rotation) % period;
    if (schedule.equal) {
        return static_cast<std::int32_t>(turned);
    }
    return unrotated_label(schedule, block * period + turned);
}

}  // namespace nanotilt
