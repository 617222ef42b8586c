// Random numbers of scattering by their places.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "../../base/elementary.hpp"
#include "../../base/philox.hpp"
#include "../../base/random_numbers.hpp"
#include "scattering.hpp"

namespace nanotilt {

/// Objects of Purpose::scattering.
enum ScatteringObject : std::uint32_t { sample_object, diffuse_object, background_object, defects_object, part_object = 16 };

/// Numbers by their place among the words of one object: each has its own, whether it is used or not.
class Words {
   public:
    Words(const StreamPosition& at, Purpose purpose, std::uint32_t object) : at_(at), purpose_(purpose), object_(object) {}

    [[nodiscard]] double u(int place) {
        const auto block = static_cast<std::uint32_t>(place / 4);
        if (!any_ || block != block_) {
            words_ = random_words(at_, purpose_, block, object_);
            block_ = block;
            any_ = true;
        }
        return uniform_of(words_.w[place % 4]);
    }
    [[nodiscard]] double u(int place, double low, double high) { return low + (high - low) * u(place); }
    [[nodiscard]] bool chance(int place, double p) { return u(place) < p; }
    [[nodiscard]] int below(int place, int n) { return std::min(static_cast<int>(u(place) * n), n - 1); }
    [[nodiscard]] double power10(int place, double low, double high) {
        constexpr double ln10 = 2.302585092994045684;
        return exp_double(ln10 * u(place, low, high));
    }
    /// A standard normal from this place and the next one.
    [[nodiscard]] double normal(int place) {
        const double radius = std::sqrt(-2.0 * log_double(u(place)));
        return radius * sincos_double(2.0 * pi * u(place + 1)).cos;
    }

   private:
    StreamPosition at_;
    Purpose purpose_;
    std::uint32_t object_;
    PhiloxWords words_{};
    std::uint32_t block_ = 0;
    bool any_ = false;
};

struct DrawnPart;

/// Draws the contribution of this number.
void draw_part(const ScatteringPlan& plan, const StreamPosition& at, int number, DrawnPart& part);

}  // namespace nanotilt
