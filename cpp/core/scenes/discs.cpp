#include "discs.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>

#include "../base/elementary.hpp"
#include "../base/layout.hpp"
#include "../base/normal.hpp"
#include "ring_writer.hpp"

namespace nanotilt {
namespace {

constexpr int most_discs = 64;
constexpr int n_corners = 64;

struct Disc {
    double x;
    double y;
    double radius;
};

struct Box {
    float left;
    float top;
    float right;
    float bottom;
};

struct Corners {
    std::array<double, n_corners> x;
    std::array<double, n_corners> y;
};

/// Corners of a regular polygon of the area of a disc of radius 1.
const Corners& unit_corners() {
    static const Corners corners = [] {
        constexpr double turn = 6.283185307179586 / n_corners;
        const double outwards = std::sqrt(turn / sincos_double(turn).sin);
        Corners made{};
        for (std::size_t i = 0; i < n_corners; ++i) {
            const SinCosDouble direction = sincos_double(turn * static_cast<double>(i));
            made.x[i] = outwards * direction.sin;
            made.y[i] = outwards * direction.cos;
        }
        return made;
    }();
    return corners;
}

class Discs final : public Scene {
   public:
    Discs(int fewest, int most, Normal radius, double spread) : fewest_(fewest), most_(most), radius_(radius), spread_(spread) {}

    [[nodiscard]] Needs needs() const override {
        return {most_ * padded(n_corners + 1), most_, n_corners, (most_ + normals_per_group - 1) / normals_per_group};
    }

    void draw(const StreamPosition& at, const float* normals, RingSet& rings) const override {
        const Corners& unit = unit_corners();
        RingWriter writer(rings);
        each_disc(at, normals, [&](const Disc& disc) {
            for (std::size_t i = 0; i < n_corners; ++i) {
                writer.x()[i] = static_cast<float>(disc.x + disc.radius * unit.x[i]);
                writer.y()[i] = static_cast<float>(disc.y + disc.radius * unit.y[i]);
            }
            writer.close(n_corners, 1.0F, 1.0F, true);
        });
        rings.n_rings > 0 ? writer.finish() : writer.finish_empty();
    }

    [[nodiscard]] std::vector<Output> truths(const Frame& frame) const override {
        if (!frame.fixed) {
            return {};
        }
        const std::int64_t n = frame.n_pixels;
        return {{"mask", Dtype::uint8, {n, n}, ""}, {"boxes", Dtype::float32, {most_, 4}, "px"}, {"n_boxes", Dtype::int32, {}, ""}};
    }

    void tell(const StreamPosition& at, const float* normals, const Frame& frame, std::span<void* const> truths) const override {
        auto* mask = static_cast<std::uint8_t*>(truths[0]);
        auto* boxes = static_cast<float*>(truths[1]);
        const std::ptrdiff_t n = frame.n_pixels;
        if (mask != nullptr) {
            std::memset(mask, 0, static_cast<std::size_t>(n * n));
        }
        if (boxes != nullptr) {
            std::memset(boxes, 0, static_cast<std::size_t>(most_) * sizeof(Box));
        }
        std::int32_t n_boxes = 0;
        each_disc(at, normals, [&](const Disc& disc) {
            const Disc seen = in_pixels(disc, frame);
            const double side = frame.n_pixels;
            const auto within = [side](double place) { return std::clamp(place, 0.0, side); };
            const double left = within(seen.x - seen.radius);
            const double top = within(seen.y - seen.radius);
            const double right = within(seen.x + seen.radius);
            const double bottom = within(seen.y + seen.radius);
            if (!(left < right && top < bottom)) {
                return;  // outside the image
            }
            if (boxes != nullptr) {
                const Box box{static_cast<float>(left), static_cast<float>(top), static_cast<float>(right),
                              static_cast<float>(bottom)};
                std::memcpy(boxes + 4 * n_boxes, &box, sizeof box);
            }
            if (mask != nullptr) {
                cover(seen, static_cast<std::ptrdiff_t>(left), static_cast<std::ptrdiff_t>(top), static_cast<std::ptrdiff_t>(right),
                      static_cast<std::ptrdiff_t>(bottom), n, mask);
            }
            ++n_boxes;
        });
        if (truths[2] != nullptr) {
            std::memcpy(truths[2], &n_boxes, sizeof n_boxes);
        }
    }

   private:
    template <typename Use>
    void each_disc(const StreamPosition& at, const float* normals, const Use& use) const {
        // Block 0 tells how many, block 1 + i where disc i is.
        const auto choices = static_cast<std::uint64_t>(most_ - fewest_ + 1);
        const std::uint64_t word = random_words(at, Purpose::placement, 0).w[0];
        const int number = fewest_ + static_cast<int>(word * choices >> 32);
        for (int i = 0; i < number; ++i) {
            const PhiloxWords words = random_words(at, Purpose::placement, static_cast<std::uint32_t>(1 + i));
            const auto place = [this](std::uint32_t random) { return spread_ * (static_cast<double>(random) * 0x1p-32 - 0.5); };
            const double mean = radius_.mean;
            const double radius = mean + static_cast<double>(radius_.std) * static_cast<double>(normals[i]);
            use(Disc{place(words.w[0]), place(words.w[1]), std::max(radius, 0.25 * mean)});
        }
    }

    // Pixels from the image's left and upper edge.
    static Disc in_pixels(const Disc& disc, const Frame& frame) {
        const double middle = 0.5 * frame.n_pixels;
        return {middle + frame.pixels_per_length * disc.x, middle - frame.pixels_per_length * disc.y,
                frame.pixels_per_length * disc.radius};
    }

    // Marks the pixels of a part of the image whose middle is in the disc.
    static void cover(const Disc& disc, std::ptrdiff_t left, std::ptrdiff_t top, std::ptrdiff_t right, std::ptrdiff_t bottom,
                      std::ptrdiff_t n, std::uint8_t* mask) {
        for (std::ptrdiff_t row = top; row <= std::min(bottom, n - 1); ++row) {
            const double up = static_cast<double>(row) + 0.5 - disc.y;
            for (std::ptrdiff_t column = left; column <= std::min(right, n - 1); ++column) {
                const double across = static_cast<double>(column) + 0.5 - disc.x;
                if (across * across + up * up <= disc.radius * disc.radius) {
                    mask[row * n + column] = 1;
                }
            }
        }
    }

    int fewest_;
    int most_;
    Normal radius_;
    double spread_;
};

}  // namespace

std::unique_ptr<const Scene> read_discs(wire::Fields& scene) {
    const std::array<int, 2> number = scene.integer_pair("number", 0, most_discs);
    if (number[0] > number[1] || number[1] == 0) {
        wire::refuse(scene.place("number"), "(fewest, most) with fewest <= most and most >= 1",
                     std::to_string(number[0]) + ", " + std::to_string(number[1]));
    }
    const Normal radius = scene.positive_normal("radius", "radius_std");
    const double spread = scene.positive_number("spread");
    return std::make_unique<Discs>(number[0], number[1], radius, spread);
}

}  // namespace nanotilt
