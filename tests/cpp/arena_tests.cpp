// Scratch memory: as much is handed out as was measured, aligned, and no piece overlaps another.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <new>
#include <string>
#include <vector>

#include "checks.hpp"
#include "core/base/arena.hpp"
#include "core/base/layout.hpp"
#include "core/base/parallel.hpp"
#include "core/geometry/projection_scratch.hpp"
#include "core/inference/template_likelihood.hpp"

namespace nanotilt::tests {
namespace {

/// Where a piece lies, in bytes.
struct Range {
    std::uintptr_t begin;
    std::uintptr_t end;
};

template <class T>
Range range_of(const T* piece, std::ptrdiff_t count, std::ptrdiff_t margin = 0) {
    return {reinterpret_cast<std::uintptr_t>(piece - margin), reinterpret_cast<std::uintptr_t>(piece + margin + count)};
}

// What is left over at the end is less than a whole vector.
void check_ranges(std::vector<Range> ranges, const float* block, std::size_t floats, const std::string& what) {
    std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.begin < b.begin; });
    const Range whole = range_of(block, static_cast<std::ptrdiff_t>(floats));
    std::uintptr_t end = whole.begin;
    for (const Range& range : ranges) {
        check(range.begin % Arena::alignment == 0, what + ": a piece starts at a whole vector");
        check(range.begin >= end, what + ": no piece overlaps another");
        check(range.begin - end < Arena::alignment, what + ": nothing is left out");
        end = range.end;
    }
    check(end <= whole.end && whole.end - end < Arena::alignment, what + ": as much is handed out as was measured");
}

/// Measures a list, hands out its pieces, and checks what `ranges(pieces)` says of them.
template <class List, class Ranges>
void check_list(const std::string& what, const List& list, const Ranges& ranges) {
    const std::size_t floats = floats_of(list);
    ScratchPool pool(2, floats);
    Arena arena(pool.slice(1));
    const auto pieces = list(arena);
    check(arena.floats() == floats, what + ": both runs of the list take the same");
    check_ranges(ranges(pieces), pool.slice(1), floats, what);
}

struct Mixed {
    std::uint8_t* bytes;
    double* doubles;
    float* image;
    float* row;
    std::int32_t* last;
};

void check_mixed() {
    for (const std::ptrdiff_t n : {1, 15, 16, 17, 100}) {
        const auto list = [n](Arena& arena) {
            return Mixed{arena.take<std::uint8_t>(n), arena.take<double>(n), arena.take<float>(n, n + 1),
                         arena.take_inside<float>(16, n), arena.take<std::int32_t>(1)};
        };
        check_list("mixed", list, [n](const Mixed& m) {
            return std::vector<Range>{range_of(m.bytes, n), range_of(m.doubles, n), range_of(m.image, n * (n + 1)),
                                      range_of(m.row, n, 16), range_of(m.last, 1)};
        });
    }
}

void check_projection() {
    constexpr int n_marked = 7;
    constexpr int n_bins = 33;
    for (const int n_points : {0, 16, 304}) {
        const std::ptrdiff_t points = n_points + lane_count;
        const auto list = [=](Arena& arena) { return take_projection_scratch(arena, n_points, n_marked, n_bins); };
        check_list("projection", list, [=](const ProjectionScratch& s) {
            std::vector<Range> ranges{range_of(s.u, points),          range_of(s.y, points),
                                      range_of(s.values, 2 * points), range_of(s.first, points),
                                      range_of(s.span, points),       range_of(s.long_edges, points),
                                      range_of(s.marked, n_bins),     range_of(s.sums, edge_sums_floats(n_bins))};
            ranges.push_back(range_of(s.even_odd.places, n_marked + n_bins + 4));
            for (const double* piece :
                 {s.even_odd.waiting, s.even_odd.active, s.even_odd.at_begin, s.even_odd.at_end, s.even_odd.cuts}) {
                ranges.push_back(range_of(piece, n_marked));
            }
            return ranges;
        });
    }
}

void check_templates() {
    const auto list = [](Arena& arena) { return take_template_scratch(arena, 5, 3); };
    check_list("templates", list, [](const TemplateScratch& s) {
        return std::vector<Range>{range_of(s.norms, 5), range_of(s.smallest, 5), range_of(s.lane_sums, 5 * 3 * lane_count)};
    });
}

template <class List>
bool refused(const List& list) {
    try {
        (void)floats_of(list);
    } catch (const std::bad_alloc&) {
        return true;
    }
    return false;
}

void check_sizes_that_no_memory_has() {
    constexpr std::ptrdiff_t most = std::numeric_limits<std::ptrdiff_t>::max();
    check(refused([](Arena& arena) { return arena.take<float>(most); }), "too many numbers");
    check(refused([](Arena& arena) { return arena.take<float>(-1); }), "fewer than none");
    check(refused([](Arena& arena) { return arena.take<std::uint8_t>(std::ptrdiff_t{1} << 32, std::ptrdiff_t{1} << 32); }),
          "a product that is 0 in 64 bits");
    check(refused([](Arena& arena) { return arena.take<double>(-2, -3); }), "a product of two that are less than none");
    check(refused([](Arena& arena) { return arena.take_inside<float>(most, 1); }), "too wide a margin");
    check(refused([](Arena& arena) {
              (void)arena.take<std::uint8_t>(std::ptrdiff_t{1} << 46);
              return arena.take<std::uint8_t>((std::ptrdiff_t{1} << 46) + 1);
          }),
          "too much together");
    check(!refused([](Arena& arena) { return arena.take<float>(std::ptrdiff_t{1} << 40); }), "what a large machine has");
    check(floats_of([](Arena& arena) { return arena.take<float>(0); }) == 0, "nothing takes nothing");
    check(floats_of([](Arena& arena) { return arena.take<double>(1 << 20, 0); }) == 0, "rows of nothing");
}

// Threads get pieces of their own.
void check_threads() {
    std::vector<int> right(100, 0);
    const auto list = [](Arena& arena) { return arena.take<std::int32_t>(1000); };
    parallel_for(100, 1, 3, list, never, [&](std::ptrdiff_t begin, std::ptrdiff_t end, std::int32_t* piece) {
        for (std::ptrdiff_t i = begin; i < end; ++i) {
            std::fill_n(piece, 1000, static_cast<std::int32_t>(i));
            right[static_cast<std::size_t>(i)] = static_cast<int>(std::count(piece, piece + 1000, static_cast<std::int32_t>(i)));
        }
    });
    check(right == std::vector<int>(100, 1000), "each thread has pieces of its own");
}

}  // namespace

void test_arena() {
    check_mixed();
    check_projection();
    check_templates();
    check_sizes_that_no_memory_has();
    check_threads();
}

}  // namespace nanotilt::tests
