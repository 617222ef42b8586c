#include "raster.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "elementary.hpp"
#include "floating_point.hpp"

namespace nanotilt {
namespace {

struct Point {
    double x;
    double y;
};

// x at height y of the line through two points of different heights.
double x_at(Point a, Point b, double y) {
    return a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x);
}

// Adds up areas to the right of edges. Cell (row, column) of the differences holds by how much the covered share of a pixel exceeds
// that of its left neighbour; two cells more than pixels in a row, for what lies beyond the right side.
class CoverageSums {
   public:
    explicit CoverageSums(int n) : n_(n), differences_(static_cast<std::size_t>(n) * (static_cast<std::size_t>(n) + 2)) {}

    /// The area to the right of an edge that runs from a to b, positive downwards, times weight.
    void add_edge(Point a, Point b, double weight) {
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
            return (a.x < side) != (b.x < side) ? std::clamp(a.y + (side - a.x) / (b.x - a.x) * (b.y - a.y), top, bottom) : top;
        };
        const double sides[] = {passes(0.0), passes(n_)};
        const double cuts[] = {top, std::min(sides[0], sides[1]), std::max(sides[0], sides[1]), bottom};
        for (int i = 0; i < 3; ++i) {
            const auto inside = [&](double y) { return std::clamp(x_at(a, b, y), 0.0, static_cast<double>(n_)); };
            add_inner({inside(cuts[i]), cuts[i]}, {inside(cuts[i + 1]), cuts[i + 1]}, weight);
        }
    }

    /// out += factor * covered share.
    void add_to(float* out, double factor) const {
        for (int row = 0; row < n_; ++row) {
            const double* difference = differences_.data() + static_cast<std::ptrdiff_t>(row) * (n_ + 2);
            double covered = 0.0;
            for (int column = 0; column < n_; ++column) {
                covered += difference[column];
                out[static_cast<std::ptrdiff_t>(row) * n_ + column] += static_cast<float>(factor * covered);
            }
        }
    }

   private:
    // An edge inside the image, downwards.
    void add_inner(Point a, Point b, double weight) {
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
        double* difference = differences_.data() + static_cast<std::ptrdiff_t>(row) * (n_ + 2);
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
    std::vector<double> differences_;
};

std::vector<Point> in_pixels(const RingInput& ring, const PixelGrid& grid) {
    const SinCosDouble turn = sincos_double(grid.angle_rad);
    const double per_length = grid.n_pixels / grid.field_of_view;
    const double middle = 0.5 * grid.n_pixels;
    std::vector<Point> points;
    points.reserve(static_cast<std::size_t>(ring.n));
    for (int i = 0; i < ring.n; ++i) {
        const double x = ring.corners[2 * i];
        const double y = ring.corners[2 * i + 1];
        points.push_back(
            {middle + per_length * (x * turn.cos + y * turn.sin), middle - per_length * (y * turn.cos - x * turn.sin)});
    }
    return points;
}

// Heights between which no two edges meet: corners and crossings.
std::vector<double> slab_heights(const std::vector<Point>& p) {
    std::vector<double> heights;
    const std::size_t n = p.size();
    for (const Point& corner : p) {
        heights.push_back(corner.y);
    }
    for (std::size_t i = 0; i < n; ++i) {
        const Point a = p[i];
        const Point b = p[(i + 1) % n];
        for (std::size_t j = i + 1; j < n; ++j) {
            const Point c = p[j];
            const Point d = p[(j + 1) % n];
            const double cross = (b.x - a.x) * (d.y - c.y) - (b.y - a.y) * (d.x - c.x);
            if (cross == 0.0) {
                continue;
            }
            const double along = ((c.x - a.x) * (d.y - c.y) - (c.y - a.y) * (d.x - c.x)) / cross;
            const double other = ((c.x - a.x) * (b.y - a.y) - (c.y - a.y) * (b.x - a.x)) / cross;
            if (along > 0.0 && along < 1.0 && other > 0.0 && other < 1.0) {
                heights.push_back(a.y + along * (b.y - a.y));
            }
        }
    }
    std::sort(heights.begin(), heights.end());
    heights.erase(std::unique(heights.begin(), heights.end()), heights.end());
    return heights;
}

// Between two such heights, edges that span them lie side by side; the ring is between the first and the second, the third and the
// fourth, and so on.
void add_exact(const std::vector<Point>& p, CoverageSums& sums) {
    struct Span {
        double middle;
        Point top;
        Point bottom;
    };
    const std::vector<double> heights = slab_heights(p);
    std::vector<Span> spans;
    for (std::size_t h = 0; h + 1 < heights.size(); ++h) {
        const double top = heights[h];
        const double bottom = heights[h + 1];
        spans.clear();
        for (std::size_t i = 0; i < p.size(); ++i) {
            const Point a = p[i];
            const Point b = p[(i + 1) % p.size()];
            if (std::min(a.y, b.y) <= top && std::max(a.y, b.y) >= bottom && a.y != b.y) {
                spans.push_back({x_at(a, b, 0.5 * (top + bottom)), {x_at(a, b, top), top}, {x_at(a, b, bottom), bottom}});
            }
        }
        std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.middle < b.middle; });
        for (std::size_t s = 0; s < spans.size(); ++s) {
            sums.add_edge(spans[s].top, spans[s].bottom, s % 2 == 0 ? 1.0 : -1.0);
        }
    }
}

// Number of points at (i + 1/2) / s that lie below x, at most s * n.
int points_below(double x, int s, int n) {
    return static_cast<int>(std::clamp(std::ceil(x * s - 0.5), 0.0, static_cast<double>(s) * n));
}

// Counts, of s x s points in each pixel, those inside.
void add_sampled(const std::vector<Point>& p, int s, int n, float weight, float* out) {
    std::vector<double> crossings;
    for (int line = 0; line < n * s; ++line) {
        const double y = (line + 0.5) / s;
        crossings.clear();
        for (std::size_t i = 0; i < p.size(); ++i) {
            const Point a = p[i];
            const Point b = p[(i + 1) % p.size()];
            if ((a.y <= y) != (b.y <= y)) {
                crossings.push_back(x_at(a, b, y));
            }
        }
        std::sort(crossings.begin(), crossings.end());
        float* row = out + static_cast<std::ptrdiff_t>(line / s) * n;
        for (std::size_t c = 0; c + 1 < crossings.size(); c += 2) {
            const int last = points_below(crossings[c + 1], s, n);
            for (int point = points_below(crossings[c], s, n); point < last;) {
                const int column = point / s;
                const int end = std::min(last, (column + 1) * s);
                row[column] += weight * static_cast<float>(end - point);
                point = end;
            }
        }
    }
}

}  // namespace

void rasterise(const std::vector<RingInput>& rings, const PixelGrid& grid, float* out) {
    const IeeeMode ieee;
    const int n = grid.n_pixels;
    std::fill(out, out + static_cast<std::ptrdiff_t>(n) * n, 0.0F);
    for (const RingInput& ring : rings) {
        const std::vector<Point> points = in_pixels(ring, grid);
        if (grid.samples_per_side > 0) {
            const auto s = static_cast<float>(grid.samples_per_side);
            add_sampled(points, grid.samples_per_side, n, ring.density / (s * s), out);
        } else {
            CoverageSums sums(n);
            add_exact(points, sums);
            sums.add_to(out, ring.density);
        }
    }
}

}  // namespace nanotilt
