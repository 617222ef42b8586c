#include "projection.hpp"

#include <algorithm>

#include "../base/elementary.hpp"
#include "../base/floating_point.hpp"
#include "../base/parallel.hpp"
#include "../simd/choose.hpp"
#include "geometry_kernels.hpp"
#include "projection_scratch.hpp"
#include "rings.hpp"

namespace nanotilt {
namespace {

struct Point {
    double x;
    double y;
};

Point corner(const RingInput& ring, int i) {
    const int j = i == ring.n ? 0 : i;
    return {ring.corners[2 * j], ring.corners[2 * j + 1]};
}

// +1 clockwise or -1 anticlockwise for rings that are star-shaped about the mean of their corners, which therefore can't cross
// themselves; 0 for the rest. The test costs one pass and is enough for convex and mildly rough rings.
int star_orientation(const RingInput& ring) {
    Point centre{0.0, 0.0};
    for (int i = 0; i < ring.n; ++i) {
        const Point p = corner(ring, i);
        centre = {centre.x + p.x / ring.n, centre.y + p.y / ring.n};
    }
    int positive = 0;
    int negative = 0;
    int changes_of_side = 0;
    for (int i = 0; i < ring.n; ++i) {
        const Point a = corner(ring, i);
        const Point b = corner(ring, i + 1);
        const double cross = (a.x - centre.x) * (b.y - centre.y) - (a.y - centre.y) * (b.x - centre.x);
        positive += cross > 0.0 ? 1 : 0;
        negative += cross < 0.0 ? 1 : 0;
        changes_of_side += (a.y > centre.y) != (b.y > centre.y) ? 1 : 0;
    }
    // A pentagram turns one way too, but goes round twice.
    if (changes_of_side != 2) {
        return 0;
    }
    return positive == ring.n ? -1 : (negative == ring.n ? 1 : 0);
}

// Owns the arrays of a RingSet.
class RingArrays {
   public:
    explicit RingArrays(const std::vector<RingInput>& rings) {
        std::size_t points = 0;
        for (const RingInput& ring : rings) {
            points += static_cast<std::size_t>(padded(ring.n + 1));
        }
        n_points_ = static_cast<int>(points);
        const auto room = static_cast<std::size_t>(n_points_ + lane_count);
        x_.reserve(room);
        y_.reserve(room);
        weight_.reserve(room);
        for (const RingInput& ring : rings) {
            append(ring);
        }
        x_.resize(room, x_.empty() ? 0.0F : x_.back());
        y_.resize(room, y_.empty() ? 0.0F : y_.back());
        weight_.resize(room, 0.0F);
    }

    RingSet view() { return {x_.data(), y_.data(), weight_.data(), spans_.data(), static_cast<int>(spans_.size()), n_points_}; }
    [[nodiscard]] int longest_self_crossing() const { return longest_self_crossing_; }

   private:
    void append(const RingInput& ring) {
        const int orientation = star_orientation(ring);
        spans_.push_back({static_cast<int>(x_.size()), ring.n, ring.density, orientation != 0});
        for (int i = 0; i < padded(ring.n + 1); ++i) {
            const int j = i < ring.n ? i : 0;
            x_.push_back(ring.corners[2 * j]);
            y_.push_back(ring.corners[2 * j + 1]);
            weight_.push_back(i < ring.n ? ring.density * static_cast<float>(orientation) : 0.0F);
        }
        if (orientation == 0) {
            longest_self_crossing_ = std::max(longest_self_crossing_, ring.n);
        }
    }

    std::vector<float> x_;
    std::vector<float> y_;
    std::vector<float> weight_;
    std::vector<RingSpan> spans_;
    int n_points_ = 0;
    int longest_self_crossing_ = 0;
};

}  // namespace

ProjectionScratch take_projection_scratch(Arena& arena, int n_points, int n_marked, int n_bins) {
    const std::ptrdiff_t points = static_cast<std::ptrdiff_t>(n_points) + lane_count;
    ProjectionScratch s{};
    s.u = arena.take<float>(points);
    s.y = arena.take<float>(points);
    s.values = arena.take<float>(2, points);
    s.first = arena.take<std::int32_t>(points);
    s.span = arena.take<float>(points);
    s.long_edges = arena.take<std::int32_t>(points);
    s.sums = arena.take<float>(edge_sums_floats(n_bins));
    s.marked = arena.take<float>(padded(n_bins));
    s.even_odd = take_even_odd_scratch(arena, n_marked, n_bins);
    return s;
}

void project(const std::vector<RingInput>& rings, const ProjectionGrid& grid, const double* angles_rad, std::ptrdiff_t n_angles,
             float* out, int n_threads, const Stop& stop) {
    const IeeeMode caller_mode;
    RingArrays arrays(rings);
    const RingSet set = arrays.view();
    const double bins_per_length = std::max(grid.n_bins - 1, 1) / (grid.upper - grid.lower);
    const GeometryKernels& kernels = active_kernels().geometry;
    const auto list = [&](Arena& arena) {
        return take_projection_scratch(arena, set.n_points, arrays.longest_self_crossing(), grid.n_bins);
    };
    // About 20,000 edges make a piece of work worth handing to a thread.
    const std::ptrdiff_t grain = 1 + 20000 / (set.n_points + grid.n_bins);
    parallel_for(n_angles, grain, n_threads, list, stop, [&](std::ptrdiff_t begin, std::ptrdiff_t end, const ProjectionScratch& s) {
        StopPoints points(stop);
        for (std::ptrdiff_t i = begin; i < end && !points.stop_after(set.n_points + grid.n_bins); ++i) {
            const SinCosDouble turn = sincos_double(angles_rad[i]);
            const ViewGeometry view{static_cast<float>(turn.sin),
                                    static_cast<float>(turn.cos),
                                    static_cast<float>(grid.about_x),
                                    static_cast<float>(grid.about_y),
                                    static_cast<float>(grid.lower),
                                    static_cast<float>(bins_per_length),
                                    grid.n_bins,
                                    grid.sampling};
            kernels.project(set, view, out + i * grid.n_bins, s, stop);
        }
    });
}

}  // namespace nanotilt
