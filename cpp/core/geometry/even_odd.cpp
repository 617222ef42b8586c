#include "even_odd.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../base/sorting.hpp"

namespace nanotilt {
namespace {

struct Ring {
    const float* u;
    const float* y;
    int n;

    [[nodiscard]] bool crosses(int edge, double at) const {
        const double a = u[edge];
        const double b = u[edge + 1];
        return (a <= at) != (b <= at);
    }
    [[nodiscard]] double y_at(int edge, double at) const {
        const double a = u[edge];
        const double b = u[edge + 1];
        const double ya = y[edge];
        return ya + (at - a) / (b - a) * (static_cast<double>(y[edge + 1]) - ya);
    }
};

// Coordinates that have overflowed have no order; the view then says so by being no number.
bool all_finite(const float* values, int n) {
    return std::all_of(values, values + n, [](float value) { return std::isfinite(value); });
}

double alternate_differences(double* hits, std::ptrdiff_t n, StopPoints& points) {
    if (!sort_until_stopped(hits, hits + n, points)) {
        return 0.0;
    }
    double sum = 0.0;
    for (std::ptrdiff_t i = 0; i + 1 < n; i += 2) {
        sum += hits[i + 1] - hits[i];
    }
    return sum;
}

// Hands out a ring's thickness at one ray after another. Each edge is looked at where it begins and as long as it lasts, so that
// all rays together cost about as much as they have hits: a spiral of 182 corners and five turns takes 2.4 us on 64 rays, half of
// what a search for the edges that cross each ray takes.
class RayWalk {
   public:
    RayWalk(const Ring& ring, int n_rays, const EvenOddScratch& s)
        : ring_(ring), newest_(s.places), older_(s.waiting), active_(s.active), hits_(s.at_begin) {
        std::fill(newest_, newest_ + n_rays, none);
        for (int edge = 0; edge < ring.n; ++edge) {
            const double begin = std::max(std::ceil(static_cast<double>(std::min(ring.u[edge], ring.u[edge + 1]))), 0.0);
            if (begin < n_rays && begin < right(edge)) {
                older_[edge] = newest_[static_cast<int>(begin)];
                newest_[static_cast<int>(begin)] = edge;
            }
        }
    }

    // Thickness at ray k; the rays must come in order, from 0 on. Not a number when a hit is not finite (coordinates that
    // overflow): sorting needs an order.
    double thickness_at(int k, StopPoints& points) {
        for (double edge = newest_[k]; edge != none; edge = older_[static_cast<int>(edge)]) {
            active_[n_active_++] = edge;
        }
        std::ptrdiff_t kept = 0;
        bool finite = true;
        for (std::ptrdiff_t i = 0; i < n_active_; ++i) {
            const auto edge = static_cast<int>(active_[i]);
            if (right(edge) <= k) {
                continue;
            }
            active_[kept] = active_[i];
            hits_[kept] = ring_.y_at(edge, k);
            finite = finite && std::isfinite(hits_[kept]);
            ++kept;
        }
        n_active_ = kept;
        return finite ? alternate_differences(hits_, kept, points) : std::numeric_limits<double>::quiet_NaN();
    }

    [[nodiscard]] std::ptrdiff_t n_active() const { return n_active_; }

   private:
    static constexpr double none = -1.0;

    [[nodiscard]] double right(int edge) const { return std::max(ring_.u[edge], ring_.u[edge + 1]); }

    const Ring& ring_;
    double* newest_;  // for each ray, one of the edges that begin there
    double* older_;   // for each edge, another one that begins at the same ray
    double* active_;
    double* hits_;
    std::ptrdiff_t n_active_ = 0;
};

// The edges that span a slab between neighbouring events (corners and borders of bins), which therefore run from its one side to
// the other: edge i from at_begin[i] to at_end[i].
struct Slab {
    double begin;
    double end;
    std::ptrdiff_t n;
    const double* at_begin;
    const double* at_end;

    [[nodiscard]] bool is_below(std::ptrdiff_t i, std::ptrdiff_t j) const {
        return at_begin[i] != at_begin[j] ? at_begin[i] < at_begin[j] : at_end[i] < at_end[j];
    }
};

// Even-odd area of a slab: the sum of each edge's integral, with a sign that alternates from edge to edge upwards, and that
// changes along an edge wherever it crosses another, because the crossing moves both by one place. So no order of crossings
// across edges is needed, only that along each. `cuts` has room for slab.n.
double slab_area(const Slab& slab, double* cuts, StopPoints& points) {
    const double width = slab.end - slab.begin;
    double area = 0.0;
    for (std::ptrdiff_t i = 0; i < slab.n && !points.stop_after(slab.n); ++i) {
        std::ptrdiff_t rank = 0;
        std::ptrdiff_t n_cuts = 0;
        for (std::ptrdiff_t j = 0; j < slab.n; ++j) {
            rank += static_cast<std::ptrdiff_t>(slab.is_below(j, i) || (!slab.is_below(i, j) && j < i));
            const double before = slab.at_begin[i] - slab.at_begin[j];
            const double after = slab.at_end[i] - slab.at_end[j];
            if ((before < 0.0 && after > 0.0) || (before > 0.0 && after < 0.0)) {
                cuts[n_cuts++] = before / (before - after);
            }
        }
        if (!sort_until_stopped(cuts, cuts + n_cuts, points)) {
            return 0.0;
        }
        // From place s to t, as shares of the width, the edge's integral is (t - s) times its middle height.
        const double rise = slab.at_end[i] - slab.at_begin[i];
        double sign = rank % 2 == 0 ? -1.0 : 1.0;
        double s = 0.0;
        for (std::ptrdiff_t k = 0; k <= n_cuts; ++k) {
            const double t = k < n_cuts ? cuts[k] : 1.0;
            area += sign * (t - s) * (slab.at_begin[i] + 0.5 * (s + t) * rise);
            s = t;
            sign = -sign;
        }
    }
    return area * width;
}

// Hands out the edges that span one slab after another, from left to right. All slabs together cost about as much as sorting,
// plus the edges that they hold.
class Sweep {
   public:
    Sweep(const Ring& ring, const EvenOddScratch& s, StopPoints& points)
        : ring_(ring),
          waiting_(s.waiting),
          active_(s.active),
          at_begin_(s.at_begin),
          at_end_(s.at_end),
          cuts_(s.cuts),
          points_(points) {
        for (int i = 0; i < ring.n; ++i) {
            waiting_[i] = i;
        }
        (void)sort_until_stopped(waiting_, waiting_ + ring.n, points, [&](double i, double j) { return left(i) < left(j); });
    }

    double area(double begin, double end) {
        const double middle = 0.5 * (begin + end);
        while (n_taken_ < ring_.n && left(waiting_[n_taken_]) <= begin) {
            active_[n_active_++] = waiting_[n_taken_++];
        }
        std::ptrdiff_t kept = 0;
        for (std::ptrdiff_t i = 0; i < n_active_; ++i) {
            const auto edge = static_cast<int>(active_[i]);
            if (std::max(ring_.u[edge], ring_.u[edge + 1]) <= begin) {
                continue;  // behind, or as wide as a rounding error
            }
            active_[kept] = active_[i];
            at_begin_[kept] = ring_.y_at(edge, begin);
            at_end_[kept] = ring_.y_at(edge, end);
            if (!ring_.crosses(edge, middle) || !std::isfinite(at_begin_[kept]) || !std::isfinite(at_end_[kept])) {
                finite_ = false;
            }
            ++kept;
        }
        n_active_ = kept;
        return finite_ ? slab_area({begin, end, kept, at_begin_, at_end_}, cuts_, points_)
                       : std::numeric_limits<double>::quiet_NaN();
    }

    [[nodiscard]] std::ptrdiff_t n_active() const { return n_active_; }

   private:
    [[nodiscard]] double left(double edge) const {
        const auto i = static_cast<int>(edge);
        return std::min(ring_.u[i], ring_.u[i + 1]);
    }

    const Ring& ring_;
    double* waiting_;
    double* active_;
    double* at_begin_;
    double* at_end_;
    double* cuts_;
    StopPoints& points_;
    int n_taken_ = 0;
    std::ptrdiff_t n_active_ = 0;
    bool finite_ = true;
};

}  // namespace

EvenOddScratch take_even_odd_scratch(Arena& arena, int n, int n_bins) {
    EvenOddScratch s{};
    s.places = arena.take<double>(static_cast<std::ptrdiff_t>(n) + n_bins + 4);
    s.waiting = arena.take<double>(n);
    s.active = arena.take<double>(n);
    s.at_begin = arena.take<double>(n);
    s.at_end = arena.take<double>(n);
    s.cuts = arena.take<double>(n);
    return s;
}

void add_even_odd_rays(const float* u, const float* y, int n, float density, int n_bins, float* thickness, const EvenOddScratch& s,
                       StopPoints& points) {
    const Ring ring{u, y, n};
    if (!all_finite(u, n)) {
        std::fill(thickness, thickness + n_bins, std::numeric_limits<float>::quiet_NaN());
        return;
    }
    RayWalk walk(ring, n_bins, s);
    for (int k = 0; k < n_bins && !points.stop_after(walk.n_active()); ++k) {
        thickness[k] += density * static_cast<float>(walk.thickness_at(k, points));
    }
}

void add_even_odd_bins(const float* u, const float* y, int n, float density, int n_bins, float* thickness, const EvenOddScratch& s,
                       StopPoints& points) {
    const Ring ring{u, y, n};
    if (!all_finite(u, n)) {
        std::fill(thickness, thickness + n_bins, std::numeric_limits<float>::quiet_NaN());
        return;
    }
    const auto [lowest, highest] = std::minmax_element(u, u + n);
    const double begin = std::max(static_cast<double>(*lowest), -0.5);
    const double end = std::min(static_cast<double>(*highest), n_bins - 0.5);
    if (!(begin < end)) {
        return;
    }
    double* events = s.places;
    Sweep sweep(ring, s, points);
    std::ptrdiff_t n_events = 0;
    events[n_events++] = begin;
    events[n_events++] = end;
    for (int i = 0; i < n; ++i) {
        if (u[i] > begin && u[i] < end) {
            events[n_events++] = u[i];
        }
    }
    for (double edge = std::floor(begin + 0.5) + 0.5; edge < end; edge += 1.0) {
        events[n_events++] = edge;
    }
    if (!sort_until_stopped(events, events + n_events, points)) {
        return;
    }
    for (std::ptrdiff_t i = 0; i + 1 < n_events && !points.stop_after(sweep.n_active()); ++i) {
        const double a = events[i];
        const double b = events[i + 1];
        if (b > a) {
            const int bin = std::clamp(static_cast<int>(std::floor(0.5 * (a + b) + 0.5)), 0, n_bins - 1);
            thickness[bin] += density * static_cast<float>(sweep.area(a, b));
        }
    }
}

}  // namespace nanotilt
