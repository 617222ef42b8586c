// Shares of pixels that polygons cover, in pixel units: rows downwards, pixel (0, 0) from (0, 0) to (1, 1). Nothing here takes
// memory, so that images can be made inside a parallel region. Points must be finite, else there is nothing to sort them by.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "sorting.hpp"

namespace nanotilt {

struct PixelPoint {
    double x;
    double y;
};

/// x at height y of the line through two points of different heights.
inline double x_at(PixelPoint a, PixelPoint b, double y) {
    return a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x);
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

/// Adds up areas to the right of edges. Cell (row, column) of the differences holds by how much the covered share of a pixel
/// exceeds that of its left neighbour; two cells more than pixels in a row, for what lies beyond the right side.
class CoverageSums {
   public:
    /// Doubles that an image of n rows of n needs.
    static std::size_t size(int n) { return static_cast<std::size_t>(n) * (static_cast<std::size_t>(n) + 2); }

    /// Starts with nothing covered. `differences` holds size(n).
    CoverageSums(int n, double* differences, StopPoints& points) : n_(n), differences_(differences) {
        clear_rows(differences, n, n + 2, points);
    }

    /// The area to the right of an edge that runs from a to b, positive downwards, times weight.
    void add_edge(PixelPoint a, PixelPoint b, double weight) {
        if (a.y > b.y) {
            std::swap(a, b);
            weight = -weight;
        }
        const double top = std::max(a.y, 0.0);
        const double bottom = std::min(b.y, static_cast<double>(n_));
        if (!(top < bottom)) {
            return;
        }
        // Cut where the edge leaves the image to the left or right: outside it counts as if it ran along that side.
        const auto passes = [&](double side) {
            return (a.x < side) != (b.x < side) ? held_within(a.y + (side - a.x) / (b.x - a.x) * (b.y - a.y), top, bottom) : top;
        };
        const double sides[] = {passes(0.0), passes(n_)};
        const double cuts[] = {top, std::min(sides[0], sides[1]), std::max(sides[0], sides[1]), bottom};
        for (int i = 0; i < 3; ++i) {
            const auto inside = [&](double y) { return held_within(x_at(a, b, y), 0.0, static_cast<double>(n_)); };
            add_inner({inside(cuts[i]), cuts[i]}, {inside(cuts[i + 1]), cuts[i + 1]}, weight);
        }
    }

    /// out += factor * covered share.
    void add_to(float* out, double factor, StopPoints& points) const {
        for (int row = 0; row < n_ && !points.stop_after(n_); ++row) {
            const double* difference = differences_ + static_cast<std::ptrdiff_t>(row) * (n_ + 2);
            double covered = 0.0;
            for (int column = 0; column < n_; ++column) {
                covered += difference[column];
                out[static_cast<std::ptrdiff_t>(row) * n_ + column] += static_cast<float>(factor * covered);
            }
        }
    }

   private:
    // An edge inside the image, downwards.
    void add_inner(PixelPoint a, PixelPoint b, double weight) {
        if (!(a.y < b.y)) {
            return;
        }
        const int last = std::min(static_cast<int>(b.y), n_ - 1);
        double y = a.y;
        double x = a.x;
        for (int row = std::min(static_cast<int>(a.y), n_ - 1); row <= last; ++row) {
            const bool ends_here = row == last;
            const double next_y = ends_here ? b.y : static_cast<double>(row + 1);
            const double next_x = ends_here ? b.x : x_at(a, b, next_y);
            add_in_row(row, std::min(x, next_x), std::max(x, next_x), weight * (next_y - y));
            y = next_y;
            x = next_x;
        }
    }

    // An edge within one row that runs from x = left to right; `amount`: weight times its height.
    void add_in_row(int row, double left, double right, double amount) {
        double* difference = differences_ + static_cast<std::ptrdiff_t>(row) * (n_ + 2);
        const int first = static_cast<int>(left);
        const int last = static_cast<int>(right);
        if (first == last) {
            const double from_left = 0.5 * (left + right) - first;
            difference[first] += amount * (1.0 - from_left);
            difference[first + 1] += amount * from_left;
            return;
        }
        // Of each column that it crosses: the share of the height, and the area to its right in that column. What lies to the
        // right of a column's share is covered by it wholly.
        const double per_length = amount / (right - left);
        double done = 0.0;  // covered share of the column before
        double height = 0.0;
        for (int column = first; column <= last; ++column) {
            const double from = std::max(left, static_cast<double>(column));
            const double to = std::min(right, static_cast<double>(column + 1));
            const double own = per_length * (to - from);
            const double covered = height + own * (static_cast<double>(column + 1) - 0.5 * (from + to));
            difference[column] += covered - done;
            done = covered;
            height += own;
        }
        difference[last + 1] += height - done;
    }

    int n_;
    double* differences_;
};

/// Calls append(height) for the heights between which no two edges of a ring meet: its corners' and its crossings', in no order.
template <typename Append>
inline void find_slab_heights(const PixelPoint* p, int n, const Append& append, StopPoints& points) {
    for (int i = 0; i < n; ++i) {
        append(p[i].y);
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
                append(a.y + along * (b.y - a.y));
            }
        }
    }
}

/// An edge's part within a slab.
struct SlabSpan {
    double middle;  // x half-way down
    PixelPoint top;
    PixelPoint bottom;
};

/// Adds a ring by the even-odd rule, also where it crosses itself: between two heights, edges that span them lie side by side; the
/// ring is between the first and the second, the third and the fourth, and so on. `heights` are those of find_slab_heights, and
/// come back sorted; `spans` has room for n.
inline void add_slabs(const PixelPoint* p, int n, double* heights, std::size_t n_heights, SlabSpan* spans, double weight,
                      CoverageSums& sums, StopPoints& points) {
    if (!sort_until_stopped(heights, heights + n_heights, points)) {
        return;
    }
    for (std::size_t h = 0; h + 1 < n_heights && !points.stop_after(3 * std::ptrdiff_t{n}); ++h) {
        const double top = heights[h];
        const double bottom = heights[h + 1];
        if (!(top < bottom)) {
            continue;
        }
        std::ptrdiff_t n_spans = 0;
        for (int i = 0; i < n; ++i) {
            const PixelPoint a = p[i];
            const PixelPoint b = p[(i + 1) % n];
            if (std::min(a.y, b.y) <= top && std::max(a.y, b.y) >= bottom && a.y != b.y) {
                spans[n_spans++] = {x_at(a, b, 0.5 * (top + bottom)), {x_at(a, b, top), top}, {x_at(a, b, bottom), bottom}};
            }
        }
        const auto leftmost = [](const SlabSpan& a, const SlabSpan& b) { return a.middle < b.middle; };
        if (!sort_until_stopped(spans, spans + n_spans, points, leftmost)) {
            return;
        }
        for (std::ptrdiff_t s = 0; s < n_spans; ++s) {
            sums.add_edge(spans[s].top, spans[s].bottom, s % 2 == 0 ? weight : -weight);
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
