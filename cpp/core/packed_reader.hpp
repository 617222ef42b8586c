// Reads the numbers of a packed recipe one after another (recipe.hpp gives their order).
#pragma once

#include <cmath>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

#include "recipe.hpp"

namespace nanotilt {

/// Throws std::invalid_argument where a number is missing, not finite, or not an integer in its range.
class PackedReader {
   public:
    explicit PackedReader(std::string_view packed) : packed_(packed) {}

    double number() {
        if (packed_.size() - position_ < sizeof(double)) {
            throw std::invalid_argument("packed recipe ends too early, at byte " + std::to_string(position_));
        }
        double value;
        std::memcpy(&value, packed_.data() + position_, sizeof value);
        position_ += sizeof value;
        if (!std::isfinite(value)) {
            throw std::invalid_argument("packed recipe holds a number that is not finite");
        }
        return value;
    }

    float real() { return static_cast<float>(number()); }

    int integer(const char* field, int low, int high) {
        const double value = number();
        if (!(value >= low && value <= high) || value != std::floor(value)) {
            throw std::invalid_argument(std::string("packed recipe: ") + field + " must be an integer in [" + std::to_string(low) +
                                        ", " + std::to_string(high) + "]. Received: " + std::to_string(value));
        }
        return static_cast<int>(value);
    }

    Normal normal() {
        const float mean = real();
        return {mean, real()};
    }

    void expect_end() const {
        if (position_ != packed_.size()) {
            throw std::invalid_argument("packed recipe is longer than its contents");
        }
    }

   private:
    std::string_view packed_;
    std::size_t position_ = 0;
};

}  // namespace nanotilt
