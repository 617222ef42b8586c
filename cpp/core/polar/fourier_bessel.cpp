#include "fourier_bessel.hpp"

#include <algorithm>
#include <cmath>

#include "../base/elementary.hpp"
#include "../base/layout.hpp"
#include "../simd/choose.hpp"
#include "bessel.hpp"

namespace nanotilt {

namespace {

/// Largest phase of a radial function from the middle of a shell to its border: a polynomial through three Chebyshev nodes is
/// then wrong by 0.4^3 / 24 = 3e-3 at most, with either sign, for the fastest function alone.
constexpr double largest_phase = 0.4;

/// Whether the pixel is in the image and seen.
double seen_at(const ImageShape& shape, const std::uint8_t* mask, std::ptrdiff_t row, std::ptrdiff_t column) {
    const bool inside = row >= 0 && row < shape.rows && column >= 0 && column < shape.columns;
    return inside && (mask == nullptr || mask[row * shape.columns + column] != 0) ? 1.0 : 0.0;
}

/// The share that is seen of the square of a pixel's size about a place.
double share_seen(const ImageShape& shape, const std::uint8_t* mask, double x, double y) {
    const double left = std::floor(x);
    const double top = std::floor(y);
    const auto column = static_cast<std::ptrdiff_t>(left);
    const auto row = static_cast<std::ptrdiff_t>(top);
    const double right_part = x - left;
    const double low_part = y - top;
    const double upper =
        (1.0 - right_part) * seen_at(shape, mask, row, column) + right_part * seen_at(shape, mask, row, column + 1);
    const double lower =
        (1.0 - right_part) * seen_at(shape, mask, row + 1, column) + right_part * seen_at(shape, mask, row + 1, column + 1);
    return (1.0 - low_part) * upper + low_part * lower;
}

}  // namespace

DiscPlan::DiscPlan(const DiscWanted& wanted, const std::uint8_t* mask, const Stop& stop) : wanted_(wanted) {
    stride_ = padded(wanted.n_max);
    make_table(stop);
    list_pixels(mask, stop);
}

void DiscPlan::make_table(const Stop& stop) {
    const int m_max = (wanted_.n_orders - 1) * wanted_.step;
    const std::vector<double> zeros = bessel_zeros(m_max, wanted_.n_max);
    const auto n_max = static_cast<std::size_t>(wanted_.n_max);
    const double fastest = zeros.back();
    n_shells_ = static_cast<std::ptrdiff_t>(fastest / (2.0 * largest_phase)) + 1;
    table_.assign(static_cast<std::size_t>(wanted_.n_orders * length() * stride_), 0.0F);
    const BesselTable bessel(m_max + 1, fastest);
    const double node = 0.86602540378443864676;  // Chebyshev's nodes: 0 and +-sqrt(3) / 2
    for (int order = 0; order < wanted_.n_orders; ++order) {
        const int m = order * wanted_.step;
        float* table = table_.data() + order * length() * stride_;
        for (std::size_t n = 0; n < n_max; ++n) {
            if (stop.wanted()) {
                throw Stopped();
            }
            const double zero = zeros[static_cast<std::size_t>(m) * n_max + n];
            const double scale = 1.0 / (wanted_.radius * bessel(m + 1, zero) * std::sqrt(pi));
            for (std::ptrdiff_t shell = 0; shell < n_shells_; ++shell) {
                double at[3];
                for (int k = 0; k < 3; ++k) {
                    const double r = (static_cast<double>(shell) + 0.5 + 0.5 * node * (k - 1)) / static_cast<double>(n_shells_);
                    at[k] = scale * bessel(m, zero * r);
                }
                float* out = table + shell * shell_terms * stride_ + n;
                out[0] = static_cast<float>(at[1]);
                out[stride_] = static_cast<float>((at[2] - at[0]) / (2.0 * node));
                out[2 * stride_] = static_cast<float>((at[2] + at[0] - 2.0 * at[1]) / (2.0 * node * node));
            }
        }
    }
}

void DiscPlan::list_pixels(const std::uint8_t* mask, const Stop& stop) {
    const ImageShape& shape = wanted_.shape;
    const PolarCentre& centre = wanted_.centre;
    std::vector<std::ptrdiff_t> count(static_cast<std::size_t>(n_shells_), 0);
    const double per_pixel = static_cast<double>(n_shells_) / wanted_.radius;
    // Calls visit(row, column, x, y, r, shell) for each pixel of the disc.
    const auto each_pixel = [&](const auto& visit) {
        for (std::ptrdiff_t row = 0; row < shape.rows; ++row) {
            if (stop.wanted()) {
                throw Stopped();
            }
            const double y = static_cast<double>(row) - centre.y;
            for (std::ptrdiff_t column = 0; column < shape.columns; ++column) {
                const double x = static_cast<double>(column) - centre.x;
                const double r = std::sqrt(x * x + y * y);
                if (r < wanted_.radius) {
                    const auto shell = std::min(static_cast<std::ptrdiff_t>(r * per_pixel), n_shells_ - 1);
                    visit(row, column, x, y, r, shell);
                }
            }
        }
    };
    each_pixel([&](std::ptrdiff_t, std::ptrdiff_t, double, double, double, std::ptrdiff_t shell) {
        ++count[static_cast<std::size_t>(shell)];
    });
    first_.assign(1, 0);
    for (const std::ptrdiff_t n : count) {
        first_.push_back(first_.back() + (n + lane_count - 1) / lane_count * lane_count);
    }
    const auto total = static_cast<std::size_t>(first_.back());
    pixel_.assign(total, 0);
    weight_.assign(total, 0.0F);
    place_.assign(total, 0.0F);
    cos_.assign(total, 1.0F);
    sin_.assign(total, 0.0F);
    std::vector<std::ptrdiff_t> next(first_.begin(), first_.end() - 1);
    each_pixel([&](std::ptrdiff_t row, std::ptrdiff_t column, double x, double y, double r, std::ptrdiff_t shell) {
        const auto i = static_cast<std::size_t>(next[static_cast<std::size_t>(shell)]++);
        const double seen = seen_at(shape, mask, row, column);
        n_seen_ += seen > 0.0 ? 1 : 0;
        pixel_[i] = static_cast<std::int32_t>(row * shape.columns + column);
        const double others = wanted_.friedel ? 1.0 - share_seen(shape, mask, centre.x - x, centre.y - y) : 0.0;
        weight_[i] = static_cast<float>(seen * (1.0 + others));
        place_[i] = static_cast<float>(2.0 * (r * per_pixel - static_cast<double>(shell)) - 1.0);
        const double c = r > 0.0 ? x / r : 1.0;
        const double s = r > 0.0 ? y / r : 0.0;
        cos_[i] = static_cast<float>(wanted_.step == 2 ? c * c - s * s : c);
        sin_[i] = static_cast<float>(wanted_.step == 2 ? 2.0 * c * s : s);
    });
    // What fills a shell up repeats its first pixel, place and angle too, so that drawing writes the same value again.
    for (std::size_t shell = 0; shell < count.size(); ++shell) {
        const auto first = static_cast<std::size_t>(first_[shell]);
        for (auto i = static_cast<std::size_t>(next[shell]); i < static_cast<std::size_t>(first_[shell + 1]); ++i) {
            pixel_[i] = pixel_[first];
            place_[i] = place_[first];
            cos_[i] = cos_[first];
            sin_[i] = sin_[first];
        }
    }
}

ShellPixels DiscPlan::pixels_of(std::ptrdiff_t shell) const {
    const auto s = static_cast<std::size_t>(shell);
    const std::ptrdiff_t i = first_[s];
    return {pixel_.data() + i, weight_.data() + i, place_.data() + i, cos_.data() + i, sin_.data() + i, first_[s + 1] - i};
}

DiscScratch DiscPlan::take_scratch(Arena& arena) const {
    return {arena.take<float>(shell_scratch), arena.take<float>(2 * wanted_.n_orders, length()), arena.take<float>(2, stride_)};
}

void DiscPlan::sum_shells(const float* image, const DiscScratch& scratch, const Stop& stop) const {
    const auto sum_shell = active_kernels().polar.sum_shell;
    const ShellSums sums{scratch.sums, length()};
    for (std::ptrdiff_t shell = 0; shell < n_shells_ && !stop.wanted(); ++shell) {
        sum_shell(image, pixels_of(shell), shell, wanted_.n_orders, scratch.shell, sums);
    }
}

void DiscPlan::transform(const float* image, const DiscScratch& scratch, float* coefficients, const Stop& stop) const {
    const PolarKernels& kernels = active_kernels().polar;
    sum_shells(image, scratch, stop);
    for (int order = 0; order < wanted_.n_orders; ++order) {
        for (int part = 0; part < 2; ++part) {
            kernels.add_rows(table_of(order), length(), stride_, scratch.sums + (2 * order + part) * length(), scratch.row);
            for (int n = 0; n < wanted_.n_max; ++n) {
                coefficients[(n * wanted_.n_orders + order) * 2 + part] = scratch.row[n];
            }
        }
    }
}

void DiscPlan::draw(const float* coefficients, const DiscScratch& scratch, float* image, const Stop& stop) const {
    const PolarKernels& kernels = active_kernels().polar;
    const ShellSums sums{scratch.sums, length()};
    std::fill_n(scratch.row, 2 * stride_, 0.0F);
    for (int order = 0; order < wanted_.n_orders; ++order) {
        const float factor = order == 0 ? 1.0F : 2.0F;  // orders -m and m together
        for (int part = 0; part < 2; ++part) {
            for (int n = 0; n < wanted_.n_max; ++n) {
                scratch.row[n] = factor * coefficients[(n * wanted_.n_orders + order) * 2 + part];
            }
            kernels.multiply_rows(table_of(order), length(), stride_, scratch.row, sums.values + (2 * order + part) * length());
        }
    }
    std::fill_n(image, wanted_.shape.rows * wanted_.shape.columns, 0.0F);
    for (std::ptrdiff_t shell = 0; shell < n_shells_ && !stop.wanted(); ++shell) {
        kernels.draw_shell(pixels_of(shell), shell, wanted_.n_orders, sums, scratch.shell, image);
    }
}

}  // namespace nanotilt
