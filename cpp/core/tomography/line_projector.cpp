#include "line_projector.hpp"

#include <algorithm>
#include <cmath>

#include "../simd/choose.hpp"
#include "tomography_kernels.hpp"

namespace nanotilt {
namespace {

// Lines one pixel apart, enough for the image's diagonal and the neighbours that cubic interpolation asks for.
std::ptrdiff_t reach(std::ptrdiff_t n_pixels) {
    return static_cast<std::ptrdiff_t>(1.4143 * static_cast<double>(n_pixels / 2 + 1)) + 3;
}

double middle(std::ptrdiff_t n) {
    return 0.5 * static_cast<double>(n - 1);
}

// Calls body(bin, index of the first of four lines, their weights) for every bin that sees a line.
template <class Body>
void each_bin(const ImageGeometry& geometry, const Direction& along, const Body& body) {
    const std::ptrdiff_t side = reach(geometry.n_pixels);
    const double lines_per_bin = 1.0 / (along.scale * geometry.pixel);
    for (std::ptrdiff_t b = 0; b < geometry.n_bins; ++b) {
        const double at = (static_cast<double>(b) - geometry.axis_bin) * lines_per_bin + static_cast<double>(side);
        if (at >= 1.0 && at < static_cast<double>(2 * side - 1)) {
            const auto whole = static_cast<std::ptrdiff_t>(at);
            body(b, whole - 1, cubic_weights(static_cast<float>(at - static_cast<double>(whole))));
        }
    }
}

}  // namespace

LineScratch take_line_scratch(Arena& arena, const ImageGeometry& geometry) {
    const std::ptrdiff_t padded = PaddedImage::size(geometry.n_pixels, geometry.n_pixels);
    LineScratch s{};
    s.image = arena.take<float>(padded);
    s.spread = arena.take<float>(padded);
    s.sums = arena.take<float>(2 * reach(geometry.n_pixels) + 1);
    return s;
}

LineProjector::LineProjector(const ImageGeometry& geometry, const LineScratch& scratch)
    : geometry_(geometry),
      kernels_(active_kernels().tomography),
      image_(scratch.image),
      spread_(scratch.spread),
      sums_(scratch.sums) {}

void LineProjector::set_image(const float* image) {
    const PaddedImage padded(image, geometry_.n_pixels, geometry_.n_pixels, image_);
}

double LineProjector::first_line(const Direction& along) const {
    const double centre = middle(geometry_.n_pixels);
    return centre - static_cast<double>(reach(geometry_.n_pixels)) - centre * along.slope;
}

void LineProjector::project(double angle_rad, float* out) const {
    const Direction along = direction(angle_rad);
    const std::ptrdiff_t n = geometry_.n_pixels;
    const std::ptrdiff_t n_sums = 2 * reach(n) + 1;
    const PixelRows rows{image_ + (along.by_rows ? 0 : n * (n + 2)) + 1, n, n, n + 2};
    std::fill(sums_, sums_ + n_sums, 0.0F);
    kernels_.sum_lines(rows, first_line(along), along.slope, sums_, n_sums);
    const auto length = static_cast<float>(geometry_.pixel / std::fabs(along.scale));
    std::fill(out, out + geometry_.n_bins, 0.0F);
    each_bin(geometry_, along, [&](std::ptrdiff_t b, std::ptrdiff_t line, const CubicWeights& w) {
        const float* four = sums_ + line;
        out[b] = length * (w.of[0] * four[0] + w.of[1] * four[1] + w.of[2] * four[2] + w.of[3] * four[3]);
    });
}

void LineProjector::clear() {
    std::fill(spread_, spread_ + PaddedImage::size(geometry_.n_pixels, geometry_.n_pixels), 0.0F);
}

void LineProjector::spread(const float* row, double angle_rad) {
    const Direction along = direction(angle_rad);
    const std::ptrdiff_t n = geometry_.n_pixels;
    const std::ptrdiff_t n_sums = 2 * reach(n) + 1;
    const auto length = static_cast<float>(geometry_.pixel / std::fabs(along.scale));
    std::fill(sums_, sums_ + n_sums, 0.0F);
    each_bin(geometry_, along, [&](std::ptrdiff_t b, std::ptrdiff_t line, const CubicWeights& w) {
        for (std::ptrdiff_t i = 0; i < 4; ++i) {
            sums_[line + i] += length * row[b] * w.of[i];
        }
    });
    const WritableRows rows{spread_ + (along.by_rows ? 0 : n * (n + 2)) + 1, n, n, n + 2};
    kernels_.spread_sums(sums_, n_sums, first_line(along), along.slope, rows);
}

void LineProjector::collect(float* out) const {
    const std::ptrdiff_t n = geometry_.n_pixels;
    const float* transposed = spread_ + n * (n + 2) + 1;
    for (std::ptrdiff_t y = 0; y < n; ++y) {
        for (std::ptrdiff_t x = 0; x < n; ++x) {
            out[y * n + x] = spread_[y * (n + 2) + x + 1] + transposed[x * (n + 2) + y];
        }
    }
}

}  // namespace nanotilt
