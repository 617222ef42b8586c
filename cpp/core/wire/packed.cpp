#include "packed.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <stdexcept>

#include "writer.hpp"

namespace nanotilt::wire {
namespace {

// Versions of the kinds whose bits packed recipes stood for. That of a camera they name.
constexpr int detector_version = 2;
constexpr int particle_version = 2;

class Converter {
   public:
    explicit Converter(std::string_view packed) : packed_(packed) {}

    std::string converted() {
        out_.map(5);
        integer("stream_version");
        const std::int64_t n_bins = whole();
        out_.text("instrument");
        n_bins < 0 ? camera(-n_bins) : line_detector(n_bins);
        out_.text("bounds").array(2).number(low_).number(high_);
        const std::int64_t n_classes = count();
        numbers("weights", n_classes);
        out_.text("scenes").array(static_cast<std::uint64_t>(n_classes));
        for (std::int64_t i = 0; i < n_classes; ++i) {
            scene();
        }
        if (position_ != packed_.size()) {
            throw std::invalid_argument("packed recipe is longer than its contents");
        }
        return out_.bytes();
    }

   private:
    double next() {
        if (packed_.size() - position_ < sizeof(double)) {
            throw std::invalid_argument("packed recipe ends too early, at byte " + std::to_string(position_));
        }
        double value;
        std::memcpy(&value, packed_.data() + position_, sizeof value);
        position_ += sizeof value;
        return value;
    }

    std::int64_t whole() {
        const double value = next();
        if (!(std::fabs(value) <= 0x1p53) || value != std::floor(value)) {
            throw std::invalid_argument("packed recipe has another number than an integer, before byte " +
                                        std::to_string(position_));
        }
        return static_cast<std::int64_t>(value);
    }

    // Of things that have one number each at least: no more of them than numbers are left.
    std::int64_t count() {
        const std::int64_t value = whole();
        if (value < 0 || static_cast<std::uint64_t>(value) > (packed_.size() - position_) / sizeof(double)) {
            throw std::invalid_argument("packed recipe ends too early: it is shorter than a count in it says");
        }
        return value;
    }

    template <std::size_t n>
    std::string_view one_of(const std::array<std::string_view, n>& words) {
        const std::int64_t at = whole();
        if (at < 0 || static_cast<std::size_t>(at) >= n) {
            throw std::invalid_argument("packed recipe has no such choice, before byte " + std::to_string(position_) +
                                        ". Received: " + std::to_string(at));
        }
        return words[static_cast<std::size_t>(at)];
    }

    void number(std::string_view name) { out_.text(name).number(next()); }
    void integer(std::string_view name) { out_.text(name).integer(whole()); }
    void flag(std::string_view name) {
        static constexpr std::array<std::string_view, 2> words{"false", "true"};
        out_.text(name).boolean(one_of(words) == "true");
    }
    template <std::size_t n>
    void choice(std::string_view name, const std::array<std::string_view, n>& words) {
        out_.text(name).text(one_of(words));
    }
    void numbers(std::string_view name, std::int64_t n) {
        out_.text(name).array(static_cast<std::uint64_t>(n));
        for (std::int64_t i = 0; i < n; ++i) {
            out_.number(next());
        }
    }
    void begin(std::uint64_t size, std::string_view kind, std::int64_t version) {
        out_.map(size).text("kind").text(kind).text("version").integer(version);
    }

    // Below 0: counted fast.
    void dose() {
        const double value = next();
        out_.text("dose");
        value == 0.0 ? out_.null() : out_.number(std::fabs(value));
        out_.text("counting").text(value < 0.0 ? "fast" : "exact");
    }

    void bounds() {
        low_ = next();
        high_ = next();
    }

    void line_detector(std::int64_t n_bins) {
        static constexpr std::array<std::string_view, 2> samplings{"ray", "bin"};
        begin(16, "detector", detector_version);
        out_.text("n_bins").integer(n_bins);
        number("lower");
        number("upper");
        number("shift_std");
        numbers("about", 2);
        number("background");
        number("blur_sigma_px");
        number("noise");
        dose();
        choice("sampling", samplings);
        flag("centring");
        bounds();
        number("angle_std_rad");
        numbers("angles_rad", count());
    }

    void camera(std::int64_t n_pixels) {
        static constexpr std::array<std::string_view, 2> countings{"exact", "fast"};
        static constexpr std::array<std::string_view, 4> noises{"none", "uniform", "gaussian", "poisson"};
        begin(14, "camera", whole());
        out_.text("n_pixels").integer(n_pixels);
        number("field_of_view");
        integer("samples_per_side");
        flag("projected");
        number("background");
        number("blur_sigma_px");
        choice("noise", noises);
        number("noise_level");
        choice("counting", countings);
        flag("remove_background");
        flag("centring");
        bounds();
        numbers("angles_rad", count());
    }

    void scene() {
        const double size = next();
        const double size_std = next();
        const double roughness = next();
        const std::int64_t n_corners = whole();
        if (n_corners < 0) {
            begin(9, "polygon", particle_version);
            out_.text("size").number(size).text("size_std").number(size_std);
            placing();
            polygon(-n_corners);
            return;
        }
        begin(4, "particle", particle_version);
        out_.text("outline").map(6).text("radius").number(size).text("radius_std").number(size_std);
        out_.text("roughness").number(roughness).text("n_corners").integer(n_corners);
        placing();
        const std::int64_t n_features = count();
        out_.text("features").array(static_cast<std::uint64_t>(n_features));
        for (std::int64_t i = 0; i < n_features; ++i) {
            feature();
        }
    }

    void placing() {
        numbers("centre", 2);
        numbers("centre_std", 2);
    }

    void polygon(std::int64_t n_corners) {
        if (whole() != 0) {
            throw std::invalid_argument("packed recipe has a polygon with features");
        }
        number("lowest_turn_rad");
        number("highest_turn_rad");
        out_.text("corners").array(static_cast<std::uint64_t>(n_corners));
        for (std::int64_t i = 0; i < n_corners; ++i) {
            const double x = next();
            out_.array(2).number(x).number(next());
        }
    }

    void feature() {
        static constexpr std::array<std::string_view, 2> kinds{"hole", "spiral"};
        static constexpr std::array<std::string_view, 4> common{"density", "max_offset", "radius", "radius_std"};
        static constexpr std::array<std::string_view, 6> of_spiral{"straightness", "straightness_std", "widening",
                                                                   "widening_std", "max_thickness",    "max_thickness_std"};
        static constexpr std::array<std::string_view, 2> turns{"anticlockwise", "clockwise"};
        const bool is_spiral = one_of(kinds) == "spiral";
        out_.map(is_spiral ? 12 : 5).text("kind").text(is_spiral ? "spiral" : "hole");
        for (const std::string_view name : common) {
            number(name);
        }
        for (const std::string_view name : of_spiral) {
            // A hole has numbers in their places, which mean nothing.
            is_spiral ? number(name) : static_cast<void>(next());
        }
        is_spiral ? choice("turn", turns) : static_cast<void>(next());
    }

    std::string_view packed_;
    std::size_t position_ = 0;
    Writer out_;
    double low_ = 0.0;
    double high_ = 0.0;
};

}  // namespace

std::string from_packed(std::string_view packed) {
    return Converter(packed).converted();
}

}  // namespace nanotilt::wire
