// Changes of packed recipes: a number becomes an extreme one, counts are off by one, pieces go missing or come from another recipe.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "../recipe_files.hpp"

namespace nanotilt::tests {

/// The same bytes for a number of run on every machine: a distribution of the standard library would not promise that.
class Mutator {
   public:
    Mutator(const std::vector<Numbers>& seeds, std::uint64_t run) : seeds_(seeds), random_(run) {}

    std::string mutated() {
        Numbers numbers = seeds_[below(seeds_.size())];
        for (std::size_t changes = 1 + below(4); changes > 0 && !numbers.empty(); --changes) {
            change(numbers);
        }
        std::string bytes(numbers.size() * sizeof(double), '\0');
        std::memcpy(bytes.data(), numbers.data(), bytes.size());
        if (below(64) == 0 && !bytes.empty()) {
            bytes.resize(bytes.size() - 1 - below(7));
        }
        return bytes;
    }

    /// Changes of wire bytes: doubles become extreme ones, bits flip, bytes go missing, are repeated, or come from elsewhere.
    std::string mutated(std::string bytes) {
        for (std::size_t changes = 1 + below(3); changes > 0 && !bytes.empty(); --changes) {
            change(bytes);
        }
        return bytes;
    }

   private:
    void change(std::string& bytes) {
        const std::size_t at = below(bytes.size());
        const std::size_t n = 1 + below(20);
        switch (below(8)) {
            case 0:
                bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
                break;
            case 1:
                bytes[at] = static_cast<char>(below(256));
                break;
            case 2:
                bytes.erase(at, n);
                break;
            case 3:
                bytes.insert(at, bytes.substr(below(bytes.size()), n));
                break;
            case 4:
                if (below(8) == 0) {
                    bytes.resize(at);
                } else {
                    bytes.insert(at, n * 1000, static_cast<char>(0x81 + below(2) * 0x20));
                }
                break;
            default:
                change_number(bytes, at);
        }
    }

    // The next double after a place, if there is one.
    void change_number(std::string& bytes, std::size_t from) {
        const std::size_t at = bytes.find('\xfb', from);
        if (at == std::string::npos || at + sizeof(double) >= bytes.size()) {
            return;
        }
        const double number = extreme();
        std::uint64_t bits;
        std::memcpy(&bits, &number, sizeof bits);
        for (std::size_t i = 0; i < sizeof bits; ++i) {
            bytes[at + 1 + i] = static_cast<char>(bits >> (56 - 8 * i));
        }
    }

    std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }

    // Mostly one of the first, which are read by themselves; the rest repeats itself.
    std::size_t place(const Numbers& numbers) { return below(2) == 0 && numbers.size() > 40 ? below(40) : below(numbers.size()); }

    double extreme() {
        constexpr double inf = std::numeric_limits<double>::infinity();
        static const Numbers values{0.0,
                                    -0.0,
                                    1.0,
                                    -1.0,
                                    0.5,
                                    2.0,
                                    3.0,
                                    1e-46,
                                    7e-46,
                                    1.4e-45,
                                    5e-324,
                                    1e-310,
                                    1e-38,
                                    1e-30,
                                    1e-12,
                                    3.4028234663852886e38,
                                    3.5e38,
                                    1e39,
                                    -1e39,
                                    1e300,
                                    -1e300,
                                    1e308,
                                    inf,
                                    -inf,
                                    1024,
                                    -1024,
                                    65536,
                                    65537,
                                    1048576,
                                    1048577,
                                    16777216,
                                    33554432,
                                    4096,
                                    -4096,
                                    2147483648.0,
                                    -2147483648.0,
                                    9007199254740992.0,
                                    63.0,
                                    64.0,
                                    std::nan("")};
        return values[below(values.size())];
    }

    void change(Numbers& numbers) {
        double& number = numbers[place(numbers)];
        switch (below(10)) {
            case 0:
            case 1:
            case 2:
                number = extreme();
                break;
            case 3:
                number = std::ldexp(number, static_cast<int>(below(2200)) - 1100);
                break;
            case 4:
                number = -number;
                break;
            case 5:
                flip_bit(number);
                break;
            case 6:
                number += below(2) == 0 ? 1.0 : -1.0;
                break;
            case 7:
                number = numbers[place(numbers)];
                break;
            case 8:
                reshape(numbers);
                break;
            default:
                splice(numbers);
        }
    }

    void flip_bit(double& number) {
        std::uint64_t bits;
        std::memcpy(&bits, &number, sizeof bits);
        bits ^= std::uint64_t{1} << below(64);
        std::memcpy(&number, &bits, sizeof bits);
    }

    void reshape(Numbers& numbers) {
        const auto at = numbers.begin() + static_cast<std::ptrdiff_t>(place(numbers));
        switch (below(3)) {
            case 0:
                numbers.erase(at);
                break;
            case 1:
                numbers.insert(at, extreme());
                break;
            default:
                numbers.erase(at, numbers.end());
        }
    }

    // From some place on, what another recipe has there.
    void splice(Numbers& numbers) {
        const Numbers& other = seeds_[below(seeds_.size())];
        const std::size_t at = place(numbers);
        if (at < other.size()) {
            numbers.resize(at);
            numbers.insert(numbers.end(), other.begin() + static_cast<std::ptrdiff_t>(at), other.end());
        }
    }

    const std::vector<Numbers>& seeds_;
    std::mt19937_64 random_;
};

}  // namespace nanotilt::tests
