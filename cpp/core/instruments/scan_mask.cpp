#include "scan_mask.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>

#include "../base/elementary.hpp"

namespace nanotilt {
namespace {

class Words {
   public:
    Words(ScanWords draw, const StreamPosition& at, std::uint32_t frame) : draw_(draw), at_(at), frame_(frame) {}
    std::uint32_t next() {
        if (place_ == scan_words_at_once) {
            draw_(at_, frame_, block_, words_.data());
            block_ += scan_words_at_once / 4;
            place_ = 0;
        }
        return words_[place_++];
    }

   private:
    ScanWords draw_;
    StreamPosition at_;
    std::uint32_t frame_;
    std::uint32_t block_ = 0;
    std::size_t place_ = scan_words_at_once;
    std::array<std::uint32_t, scan_words_at_once> words_{};
};

std::uint32_t below(std::uint32_t word, std::ptrdiff_t n) {
    return static_cast<std::uint32_t>(std::uint64_t{word} * static_cast<std::uint64_t>(n) >> 32);
}

/// Exactly the nearest whole number of pixels to the fraction, each set of them equally often (Knuth, algorithm 3.4.2 S).
void mark_random(double fraction, std::ptrdiff_t n, Words& words, std::uint8_t* out) {
    std::ptrdiff_t left = n * n;
    auto wanted = static_cast<std::ptrdiff_t>(std::floor(fraction * static_cast<double>(left) + 0.5));
    for (std::ptrdiff_t i = 0; i < n * n; ++i, --left) {
        const bool taken = static_cast<std::ptrdiff_t>(below(words.next(), left)) < wanted;
        out[i] = static_cast<std::uint8_t>(taken);
        wanted -= static_cast<std::ptrdiff_t>(taken);
    }
}

/// Bands of 1 / fraction rows; in each the beam goes from left to right and hops by -1, 0 or 1 rows at each pixel (Kovarik et al.
/// 2016). At a band's rim a hop that would leave it is not made.
void mark_line_hops(std::ptrdiff_t band, std::ptrdiff_t n, Words& words, std::uint8_t* out) {
    for (std::ptrdiff_t first = 0; first < n; first += band) {
        const std::ptrdiff_t rows = std::min(band, n - first);
        std::ptrdiff_t row = below(words.next(), rows);
        for (std::ptrdiff_t column = 0; column < n; ++column) {
            out[(first + row) * n + column] = 1;
            const std::ptrdiff_t hop = static_cast<std::ptrdiff_t>(below(words.next(), 3)) - 1;
            row = std::clamp<std::ptrdiff_t>(row + hop, 0, rows - 1);
        }
    }
}

/// An Archimedean spiral about the middle whose turns lie 1 / fraction pixels apart; the beam stops once every pixel of its
/// way.
void mark_spiral(double pitch, std::ptrdiff_t n, Words& words, std::uint8_t* out) {
    const double middle = 0.5 * static_cast<double>(n);
    const double start = 2.0 * pi * uniform01(words.next());
    const double furthest = 1.5 * middle;
    constexpr double stride = 1.0;
    double angle = 0.0;
    for (double radius = 0.0; radius < furthest; radius = pitch * angle / (2.0 * pi)) {
        const double turn = start + angle;
        const SinCosDouble at = sincos_double(turn - 2.0 * pi * std::floor(turn / (2.0 * pi)));
        const double x = middle + radius * at.cos;
        const double y = middle + radius * at.sin;
        if (x >= 0.0 && y >= 0.0 && x < static_cast<double>(n) && y < static_cast<double>(n)) {
            out[static_cast<std::ptrdiff_t>(y) * n + static_cast<std::ptrdiff_t>(x)] = 1;
        }
        angle += stride / std::max(radius, stride);
    }
}

}  // namespace

void write_scan_mask(ScanWords draw, ScanKind kind, double fraction, std::ptrdiff_t n, const StreamPosition& at,
                     std::uint32_t frame, std::uint8_t* out) {
    const auto size = static_cast<std::size_t>(n * n);
    Words words(draw, at, frame);
    const auto band = static_cast<std::ptrdiff_t>(std::floor(1.0 / fraction + 0.5));
    std::memset(out, kind == ScanKind::all ? 1 : 0, size);
    switch (kind) {
        case ScanKind::all:
            break;
        case ScanKind::random:
            mark_random(fraction, n, words, out);
            break;
        case ScanKind::line_hop:
            mark_line_hops(band, n, words, out);
            break;
        case ScanKind::spiral:
            mark_spiral(1.0 / fraction, n, words, out);
            break;
        case ScanKind::rows:
            for (std::ptrdiff_t row = below(words.next(), band); row < n; row += band) {
                std::memset(out + row * n, 1, static_cast<std::size_t>(n));
            }
            break;
    }
}

}  // namespace nanotilt
