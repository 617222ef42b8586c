// Shares of pixels that polygons cover, in pixel units: rows downwards, pixel (0, 0) from (0, 0) to (1, 1). Nothing here takes
// memory, so that images can be made inside a parallel region. Points must be finite, else there is nothing to sort them by.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "../base/sorting.hpp"

namespace nanotilt {

struct PixelPoint {
    double x;
    double y;
};

/// x at height y of the line through two points of different heights.
inline double x_at(PixelPoint a, PixelPoint b, double y) {
    return a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x);
}

/// y at x of the line through two points of different x.
inline double y_at(PixelPoint a, PixelPoint b, double x) {
    return a.y + (x - a.x) / (b.x - a.x) * (b.y - a.y);
}

/// As std::clamp, but `low` for what is not a number, so that the result may be cast to an integer and used as an index.
inline double held_within(double value, double low, double high) {
    return value >= low ? (value <= high ? value : high) : low;
}

/// Fills with zeros, row by row until stopped: pages of memory that are touched for the first time take their time.
template <typename Number>
inline void clear_rows(Number* values, std::ptrdiff_t n_rows, std::ptrdiff_t length, StopPoints& points) {
    for (std::ptrdiff_t row = 0; row < n_rows && !points.stop_after(length); ++row) {
        std::fill_n(values + row * length, length, Number{0});
    }
}

/// Adds up areas below edges. Cell (row, column) of the differences holds by how much the covered share of a pixel exceeds that of
/// the pixel above, so that rows are added up in vectors; two rows more than pixels, for what lies beyond the lower side.
class CoverageSums {
   public:
    /// Doubles that an image of n rows of n needs.
    static std::size_t size(int n) { return static_cast<std::size_t>(n) * (static_cast<std::size_t>(n) + 2); }

    /// Goes on with differences that are all zero, size(n) of them.
    CoverageSums(int n, double* differences) : n_(n), differences_(differences), first_row_(n), end_row_(0) {}

    /// Nothing is covered in rows before the first; from the end on, no difference is set. Both in 0 ... n + 2.
    [[nodiscard]] int first_row() const { return first_row_; }
    [[nodiscard]] int end_row() const { return end_row_; }

    /// The area below an edge that runs from a to b, positive to the right, times weight.
    void add_edge(PixelPoint a, PixelPoint b, double weight) {
        if (a.x > b.x) {
            std::swap(a, b);
            weight = -weight;
        }
        const double side = n_;
        const double left = std::max(a.x, 0.0);
        const double right = std::min(b.x, side);
        if (!(left < right)) {
            return;
        }
        const double slope = (b.y - a.y) / (b.x - a.x);
        if (std::min(a.y, b.y) >= 0.0 && std::max(a.y, b.y) <= side && left == a.x && right == b.x) {
            return add_inner(a, b, slope, weight);
        }
        // Cut where the edge leaves the image above or below: outside it counts as if it ran along that side.
        const auto passes = [&](double height) {
            return (a.y < height) != (b.y < height) ? held_within(a.x + (height - a.y) / (b.y - a.y) * (b.x - a.x), left, right)
                                                    : left;
        };
        const double sides[] = {passes(0.0), passes(side)};
        const double cuts[] = {left, std::min(sides[0], sides[1]), std::max(sides[0], sides[1]), right};
        for (int i = 0; i < 3; ++i) {
            const auto inside = [&](double x) { return held_within(y_at(a, b, x), 0.0, side); };
            const PixelPoint from{cuts[i], inside(cuts[i])};
            const PixelPoint to{cuts[i + 1], inside(cuts[i + 1])};
            add_inner(from, to, (to.y - from.y) / (to.x - from.x), weight);
        }
    }

   private:
    // An edge inside the image, to the right; the slope is no number only where it has no length.
    void add_inner(PixelPoint a, PixelPoint b, double slope, double weight) {
        if (!(a.x < b.x)) {
            return;
        }
        reach(std::min(a.y, b.y), std::max(a.y, b.y));
        const double steep = 1.0 / std::fabs(slope);
        const int last = std::min(static_cast<int>(b.x), n_ - 1);
        double x = a.x;
        double y = a.y;
        for (int column = std::min(static_cast<int>(a.x), n_ - 1); column <= last; ++column) {
            const bool ends_here = column == last;
            const double next_x = ends_here ? b.x : static_cast<double>(column + 1);
            const double next_y = ends_here ? b.y : held_between(a.y + (next_x - a.x) * slope, a.y, b.y);
            add_in_column(column, std::min(y, next_y), std::max(y, next_y), weight * (next_x - x), weight * steep);
            x = next_x;
            y = next_y;
        }
    }

    // Rounding must not take an edge past its end.
    static double held_between(double value, double a, double b) {
        return std::max(std::min(a, b), std::min(value, std::max(a, b)));
    }

    void reach(double top, double bottom) {
        first_row_ = std::min(first_row_, static_cast<int>(top));
        end_row_ = std::max(end_row_, static_cast<int>(bottom) + 2);
    }

    // An edge within one column that runs from y = top to bottom; `amount`: weight times its width, `per_length`: the same of each
    // unit of height.
    void add_in_column(int column, double top, double bottom, double amount, double per_length) {
        const int first = static_cast<int>(top);
        const int last = static_cast<int>(bottom);
        double* difference = differences_ + static_cast<std::ptrdiff_t>(first) * n_ + column;
        if (first == last) {
            const double from_top = 0.5 * (top + bottom) - first;
            difference[0] += amount * (1.0 - from_top);
            difference[n_] += amount * from_top;
            return;
        }
        // Of each row that it crosses: the share of the width, and the area below it in that row. What lies below a row's share is
        // covered by it wholly.
        double done = 0.0;  // covered share of the row above
        double width = 0.0;
        for (int row = first; row <= last; ++row, difference += n_) {
            const double from = row == first ? top : static_cast<double>(row);
            const double to = row == last ? bottom : static_cast<double>(row + 1);
            const double own = row == last ? amount - width : per_length * (to - from);
            const double covered = width + own * (static_cast<double>(row + 1) - 0.5 * (from + to));
            *difference += covered - done;
            done = covered;
            width += own;
        }
        *difference += width - done;
    }

    int n_;
    double* differences_;
    int first_row_;
    int end_row_;
};

/// Calls append(place) for the x between which no two edges of a ring meet: its corners' and its crossings', in no order.
template <typename Append>
inline void find_slab_places(const PixelPoint* p, int n, const Append& append, StopPoints& points) {
    for (int i = 0; i < n; ++i) {
        append(p[i].x);
    }
    for (int i = 0; i < n && !points.stop_after(2 * (n - i)); ++i) {
        const PixelPoint a = p[i];
        const PixelPoint b = p[(i + 1) % n];
        for (int j = i + 1; j < n; ++j) {
            const PixelPoint c = p[j];
            const PixelPoint d = p[(j + 1) % n];
            const double cross = (b.x - a.x) * (d.y - c.y) - (b.y - a.y) * (d.x - c.x);
            if (cross == 0.0) {
                continue;
            }
            const double along = ((c.x - a.x) * (d.y - c.y) - (c.y - a.y) * (d.x - c.x)) / cross;
            const double other = ((c.x - a.x) * (b.y - a.y) - (c.y - a.y) * (b.x - a.x)) / cross;
            if (along > 0.0 && along < 1.0 && other > 0.0 && other < 1.0) {
                append(a.x + along * (b.x - a.x));
            }
        }
    }
}

/// An edge's part within a slab.
struct SlabSpan {
    double middle;  // y half-way across
    PixelPoint left;
    PixelPoint right;
};

/// Adds a ring by the even-odd rule, also where it crosses itself: between two places, edges that span them lie one above the
/// other; the ring is between the first and the second, the third and the fourth, and so on. `places` are those of
/// find_slab_places, and come back sorted; `spans` has room for n.
inline void add_slabs(const PixelPoint* p, int n, double* places, std::size_t n_places, SlabSpan* spans, double weight,
                      CoverageSums& sums, StopPoints& points) {
    if (!sort_until_stopped(places, places + n_places, points)) {
        return;
    }
    for (std::size_t h = 0; h + 1 < n_places && !points.stop_after(3 * std::ptrdiff_t{n}); ++h) {
        const double left = places[h];
        const double right = places[h + 1];
        if (!(left < right)) {
            continue;
        }
        std::ptrdiff_t n_spans = 0;
        for (int i = 0; i < n; ++i) {
            const PixelPoint a = p[i];
            const PixelPoint b = p[(i + 1) % n];
            if (std::min(a.x, b.x) <= left && std::max(a.x, b.x) >= right && a.x != b.x) {
                spans[n_spans++] = {y_at(a, b, 0.5 * (left + right)), {left, y_at(a, b, left)}, {right, y_at(a, b, right)}};
            }
        }
        const auto uppermost = [](const SlabSpan& a, const SlabSpan& b) { return a.middle < b.middle; };
        if (!sort_until_stopped(spans, spans + n_spans, points, uppermost)) {
            return;
        }
        for (std::ptrdiff_t s = 0; s < n_spans; ++s) {
            sums.add_edge(spans[s].left, spans[s].right, s % 2 == 0 ? weight : -weight);
            if (s % 64 == 63 && points.stop_after(6400)) {
                return;
            }
        }
    }
}

/// Number of points at (i + 1/2) / s that lie below x, at most s * n.
inline int points_below(double x, int s, int n) {
    return static_cast<int>(held_within(std::ceil(x * s - 0.5), 0.0, static_cast<double>(s) * n));
}

/// Adds weight times the number of points inside, of s x s in each pixel, to an image of n x n. `crossings` has room for n_corners.
inline void add_sampled(const PixelPoint* p, int n_corners, int s, int n, float weight, double* crossings, float* out,
                        StopPoints& points) {
    for (int line = 0; line < n * s && !points.stop_after(n_corners); ++line) {
        const double y = (line + 0.5) / s;
        int n_crossings = 0;
        for (int i = 0; i < n_corners; ++i) {
            const PixelPoint a = p[i];
            const PixelPoint b = p[(i + 1) % n_corners];
            if ((a.y <= y) != (b.y <= y)) {
                crossings[n_crossings++] = x_at(a, b, y);
            }
        }
        if (!sort_until_stopped(crossings, crossings + n_crossings, points)) {
            return;
        }
        float* row = out + static_cast<std::ptrdiff_t>(line / s) * n;
        for (int c = 0; c + 1 < n_crossings; c += 2) {
            const int last = points_below(crossings[c + 1], s, n);
            int point = points_below(crossings[c], s, n);
            if (points.stop_after((last - point) / 8)) {
                return;
            }
            while (point < last) {
                const int column = point / s;
                const int end = std::min(last, (column + 1) * s);
                row[column] += weight * static_cast<float>(end - point);
                point = end;
            }
        }
    }
}

}  // namespace nanotilt
