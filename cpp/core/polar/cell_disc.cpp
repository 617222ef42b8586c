#include "cell_disc.hpp"

#include <algorithm>
#include <cmath>

#include "../base/elementary.hpp"
#include "../base/layout.hpp"
#include "../simd/choose.hpp"
#include "bessel.hpp"
#include "polar_kernels.hpp"

namespace nanotilt {
namespace {

/// In pixels. Along the azimuth two neighbouring pixels are sqrt(2) apart at most; those of a narrow ring lie further apart.
constexpr double narrow_gap = 3.0;

/// Gauss's places and weights on [-1, 1]. The fastest function turns by 1.3 a ring where rings are two for each zero; five
/// places integrate that to 1e-9.
constexpr double places[5] = {-0.90617984593866399280, -0.53846931010568309104, 0.0, 0.53846931010568309104,
                              0.90617984593866399280};
constexpr double weights[5] = {0.23692688505618908751, 0.47862867049936646804, 0.56888888888888888889, 0.47862867049936646804,
                               0.23692688505618908751};

/// Fills empty cells of a closed row of `n` in between their neighbours, where `most` of them at most are empty side by side.
void fill_gaps(const float* cells, const std::int32_t* n_pixels, int n, int most, float* out) {
    int first = -1;
    for (int i = 0; i < n; ++i) {
        out[i] = n_pixels[i] > 0 ? cells[i] : 0.0F;
        first = first < 0 && n_pixels[i] > 0 ? i : first;
    }
    if (first < 0) {
        return;
    }
    int last = first;  // the last cell with pixels, counted on beyond n
    for (int k = first + 1; k <= first + n; ++k) {
        if (n_pixels[k % n] == 0) {
            continue;
        }
        const int gap = k - last - 1;
        if (gap > 0 && gap <= most) {
            const float from = cells[last % n];
            const float step = (cells[k % n] - from) / static_cast<float>(gap + 1);
            for (int j = 1; j <= gap; ++j) {
                out[(last + j) % n] = from + step * static_cast<float>(j);
            }
        }
        last = k;
    }
}

}  // namespace

CellDisc::CellDisc(const CellDiscWanted& wanted, const Stop& stop)
    : wanted_(wanted), stride_(padded(wanted.n_max)), wave_stride_(padded(2 * wanted.n_orders)) {
    make_radial(stop);
    make_waves();
}

void CellDisc::make_radial(const Stop& stop) {
    const int m_max = (wanted_.n_orders - 1) * wanted_.step;
    const std::vector<double> zeros = bessel_zeros(m_max, wanted_.n_max);
    const BesselTable bessel(m_max + 1, zeros.back());
    radial_.assign(static_cast<std::size_t>(wanted_.n_orders * wanted_.n_rings * stride_), 0.0F);
    const double half = 0.5 / wanted_.n_rings;
    for (int order = 0; order < wanted_.n_orders; ++order) {
        const int m = order * wanted_.step;
        for (int n = 0; n < wanted_.n_max; ++n) {
            if (stop.wanted()) {
                throw Stopped();
            }
            const double zero =
                zeros[static_cast<std::size_t>(m) * static_cast<std::size_t>(wanted_.n_max) + static_cast<std::size_t>(n)];
            const double scale = half / (bessel(m + 1, zero) * std::sqrt(pi));
            for (int ring = 0; ring < wanted_.n_rings; ++ring) {
                double sum = 0.0;
                for (int k = 0; k < 5; ++k) {
                    const double r = (2.0 * ring + 1.0 + places[k]) * half;
                    sum += weights[k] * r * bessel(m, zero * r);
                }
                radial_[static_cast<std::size_t>((order * wanted_.n_rings + ring) * stride_ + n)] = static_cast<float>(scale * sum);
            }
        }
    }
}

void CellDisc::make_waves() {
    waves_.assign(static_cast<std::size_t>(wanted_.n_angles * wave_stride_), 0.0F);
    const double turns = (wanted_.half_turn ? 0.5 : 1.0) / wanted_.n_angles;  // of a cell
    const double twice = wanted_.half_turn ? 2.0 : 1.0;
    for (int cell = 0; cell < wanted_.n_angles; ++cell) {
        float* out = waves_.data() + cell * wave_stride_;
        for (int order = 0; order < wanted_.n_orders; ++order) {
            const int m = order * wanted_.step;
            const double width = m == 0 ? 2.0 * pi * turns : 2.0 * sincos_double(pi * m * turns).sin / m;
            const SinCosDouble middle = sincos_double(2.0 * pi * m * turns * (cell + 0.5));
            out[2 * order] = static_cast<float>(twice * width * middle.cos);
            out[2 * order + 1] = static_cast<float>(-twice * width * middle.sin);
        }
    }
}

CellDiscScratch CellDisc::take_scratch(Arena& arena) const {
    return {arena.take<float>(wanted_.n_angles), arena.take<float>(2 * wanted_.n_orders, wanted_.n_rings),
            arena.take<float>(std::max(stride_, wave_stride_))};
}

void CellDisc::transform(const float* cells, const std::int32_t* n_pixels, double radius, double unit,
                         const CellDiscScratch& scratch, float* coefficients, const Stop& stop) const {
    const auto add_rows = active_kernels().polar.add_rows;
    const int n_parts = 2 * wanted_.n_orders;
    const double cell_turns = (wanted_.half_turn ? 0.5 : 1.0) / wanted_.n_angles;
    const double ring_width = radius / wanted_.n_rings;
    for (int ring = 0; ring < wanted_.n_rings && !stop.wanted(); ++ring) {
        const std::ptrdiff_t first = static_cast<std::ptrdiff_t>(ring) * wanted_.n_angles;
        const double width = 2.0 * pi * cell_turns * (ring + 0.5) * ring_width;  // of a cell, in pixels
        const double most = std::min(narrow_gap / width, static_cast<double>(wanted_.n_angles));
        fill_gaps(cells + first, n_pixels + first, wanted_.n_angles, static_cast<int>(most), scratch.filled);
        add_rows(waves_.data(), wanted_.n_angles, wave_stride_, scratch.filled, scratch.row);
        for (int part = 0; part < n_parts; ++part) {
            scratch.harmonics[part * wanted_.n_rings + ring] = scratch.row[part];
        }
    }
    for (int part = 0; part < n_parts; ++part) {
        const int order = part / 2;
        add_rows(radial_.data() + static_cast<std::ptrdiff_t>(order) * wanted_.n_rings * stride_, wanted_.n_rings, stride_,
                 scratch.harmonics + part * wanted_.n_rings, scratch.row);
        for (int n = 0; n < wanted_.n_max; ++n) {
            coefficients[(n * wanted_.n_orders + order) * 2 + part % 2] =
                static_cast<float>(unit * static_cast<double>(scratch.row[n]));
        }
    }
}

}  // namespace nanotilt
