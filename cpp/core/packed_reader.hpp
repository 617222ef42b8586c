// Reads the numbers of a packed recipe one after another (recipe.hpp gives their order).
#pragma once

#include <cmath>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

#include "recipe.hpp"

namespace nanotilt {

/// Throws std::invalid_argument where a number is missing, not finite, or not what its field allows. Fields are judged as floats
/// if they are used as floats: 1e-46 is positive as a double, and 0 as a float.
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

    float real() {
        const auto value = static_cast<float>(number());
        if (!std::isfinite(value)) {
            throw std::invalid_argument("packed recipe holds a number that does not fit into a float");
        }
        return value;
    }

    float positive(const char* field) {
        const float value = real();
        if (!(value > 0.0F)) {
            refuse(field, "> 0", static_cast<double>(value));
        }
        return value;
    }

    float not_negative(const char* field) {
        const float value = real();
        if (!(value >= 0.0F)) {
            refuse(field, ">= 0", static_cast<double>(value));
        }
        return value;
    }

    /// Judged as a float, but kept as it is.
    double positive_number(const char* field) {
        const double value = number();
        const auto rounded = static_cast<float>(value);
        if (!(rounded > 0.0F) || !std::isfinite(rounded)) {
            refuse(field, "> 0 and fit into a float", value);
        }
        return value;
    }

    double within(const char* field, double low, double high) {
        const double value = number();
        if (!(value >= low && value <= high)) {
            refuse(field, "in [" + std::to_string(low) + ", " + std::to_string(high) + "]", value);
        }
        return value;
    }

    int integer(const char* field, int low, int high) {
        const double value = number();
        if (!(value >= low && value <= high) || value != std::floor(value)) {
            refuse(field, "an integer in [" + std::to_string(low) + ", " + std::to_string(high) + "]", value);
        }
        return static_cast<int>(value);
    }

    /// A normal distribution around a mean > 0.
    Normal positive_normal(const char* field) {
        const float mean = positive(field);
        return {mean, not_negative(field)};
    }

    /// A normal distribution around a mean >= 0.
    Normal normal(const char* field) {
        const float mean = not_negative(field);
        return {mean, not_negative(field)};
    }

    /// Refuses counts that the bytes still to come cannot hold, before anything takes memory for them.
    void expect_numbers(std::size_t count) const {
        if ((packed_.size() - position_) / sizeof(double) < count) {
            throw std::invalid_argument("packed recipe ends too early: it is shorter than a count in it says");
        }
    }

    void expect_end() const {
        if (position_ != packed_.size()) {
            throw std::invalid_argument("packed recipe is longer than its contents");
        }
    }

   private:
    [[noreturn]] static void refuse(const char* field, const std::string& allowed, double value) {
        throw std::invalid_argument(std::string("packed recipe: ") + field + " must be " + allowed +
                                    ". Received: " + std::to_string(value));
    }

    std::string_view packed_;
    std::size_t position_ = 0;
};

}  // namespace nanotilt
