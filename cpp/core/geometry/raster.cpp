#include "raster.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <utility>

#include "../base/elementary.hpp"
#include "../base/floating_point.hpp"
#include "coverage.hpp"

namespace nanotilt {
namespace {

// Corners and crossings of one ring: 128 MiB.
constexpr std::size_t most_places = std::size_t{1} << 24;

std::vector<PixelPoint> in_pixels(const RingInput& ring, const PixelGrid& grid) {
    const SinCosDouble turn = sincos_double(grid.angle_rad);
    const double per_length = grid.n_pixels / grid.field_of_view;
    const double middle = 0.5 * grid.n_pixels;
    std::vector<PixelPoint> points;
    points.reserve(static_cast<std::size_t>(ring.n));
    for (int i = 0; i < ring.n; ++i) {
        const double x = ring.corners[2 * i];
        const double y = ring.corners[2 * i + 1];
        points.push_back(
            {middle + per_length * (x * turn.cos + y * turn.sin), middle - per_length * (y * turn.cos - x * turn.sin)});
    }
    return points;
}

// Columns that a ring may cover: begin ... end, within 0 ... n.
struct Columns {
    int begin;
    int end;
};

Columns columns_of(const std::vector<PixelPoint>& corners, int n) {
    double left = n;
    double right = 0.0;
    for (const PixelPoint& corner : corners) {
        left = std::min(left, corner.x);
        right = std::max(right, corner.x);
    }
    const double last = n - 1;  // an edge on the right side counts for the last column
    return {static_cast<int>(held_within(left, 0.0, last)), static_cast<int>(held_within(right, 0.0, last)) + 1};
}

// What a ring covers, times its density, onto the image; the differences are zero again afterwards. Only the ring's own rows and
// columns are looked at, so that many small rings in a large image take no longer than they are large.
void add_covered(const CoverageSums& sums, const Columns& columns, double* differences, int n, float density, double* covered,
                 float* out, StopPoints& points) {
    const int width = columns.end - columns.begin;
    std::fill_n(covered, width, 0.0);
    for (int row = sums.first_row(); row < sums.end_row() && !points.stop_after(2 * width); ++row) {
        const std::ptrdiff_t start = static_cast<std::ptrdiff_t>(row) * n + columns.begin;
        for (int column = 0; column < width; ++column) {
            covered[column] += std::exchange(differences[start + column], 0.0);
        }
        for (int column = 0; column < width && row < n; ++column) {
            out[start + column] += static_cast<float>(density * covered[column]);
        }
    }
}

}  // namespace

void rasterise(const std::vector<RingInput>& rings, const PixelGrid& grid, float* out, const Stop& stop) {
    const IeeeMode ieee;
    StopPoints points(stop);
    const int n = grid.n_pixels;
    const int s = grid.samples_per_side;
    clear_rows(out, n, n, points);
    // Not a vector, which would clear it at once: 2 GiB for the largest image.
    const std::unique_ptr<double[]> differences(s > 0 ? nullptr : new double[CoverageSums::size(n)]);
    if (s == 0) {
        clear_rows(differences.get(), n + 2, n, points);
    }
    std::vector<double> covered(static_cast<std::size_t>(n));
    std::vector<double> places;
    std::vector<SlabSpan> spans;
    for (const RingInput& ring : rings) {
        if (points.stop_after(ring.n)) {
            return;
        }
        const std::vector<PixelPoint> corners = in_pixels(ring, grid);
        if (s > 0) {
            places.resize(corners.size());
            const auto per_point = static_cast<float>(s);
            add_sampled(corners.data(), ring.n, s, n, ring.density / (per_point * per_point), places.data(), out, points);
            continue;
        }
        places.clear();
        find_slab_places(
            corners.data(), ring.n,
            [&](double place) {
                if (places.size() == most_places) {
                    throw std::invalid_argument("a ring must not cross itself in more than some 2**24 places");
                }
                places.push_back(place);
            },
            points);
        spans.resize(corners.size());
        CoverageSums sums(n, differences.get());
        add_slabs(corners.data(), ring.n, places.data(), places.size(), spans.data(), 1.0, sums, points);
        add_covered(sums, columns_of(corners, n), differences.get(), n, ring.density, covered.data(), out, points);
    }
}

}  // namespace nanotilt
