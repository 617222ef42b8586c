// Sorting that can be stopped.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>

#include "stop.hpp"

namespace nanotilt {

/// So many are sorted in some 10 ms.
inline constexpr std::ptrdiff_t sorted_at_once = std::ptrdiff_t{1} << 17;

/// Halves until pieces are short. False when it was stopped before the end.
template <class Value, class Less>
bool sort_in_halves(Value* begin, Value* end, StopPoints& points, const Less& less) {
    while (end - begin > sorted_at_once) {
        if (points.stop_after(end - begin)) {
            return false;
        }
        Value* middle = begin + (end - begin) / 2;
        std::nth_element(begin, middle, end, less);
        if (!sort_in_halves(begin, middle, points, less)) {
            return false;
        }
        begin = middle;
    }
    std::sort(begin, end, less);
    return !points.stop_after(end - begin);
}

/// Sorts in place, without taking memory. False when it was stopped before the end. Inlined by force: nearly always there are a few
/// numbers only.
template <class Value, class Less = std::less<>>
[[gnu::always_inline]] inline bool sort_until_stopped(Value* begin, Value* end, StopPoints& points, const Less& less = {}) {
    if (end - begin > sorted_at_once) {
        return sort_in_halves(begin, end, points, less);
    }
    std::sort(begin, end, less);
    return true;
}

}  // namespace nanotilt
