// Writes wire bytes (value.hpp), for what turns earlier descriptions into them, and for tests.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "value.hpp"

namespace nanotilt::wire {

/// Appends one value after another. An array or a map is followed by as many entries as it announces; a map's entries are each a
/// name, then a value.
class Writer {
   public:
    Writer() : bytes_(magic) {}

    Writer& map(std::uint64_t size) { return head(5, size); }
    Writer& array(std::uint64_t size) { return head(4, size); }
    Writer& text(std::string_view text) {
        head(3, text.size());
        bytes_ += text;
        return *this;
    }
    Writer& integer(std::int64_t value) {
        return value < 0 ? head(1, static_cast<std::uint64_t>(-1 - value)) : head(0, static_cast<std::uint64_t>(value));
    }
    Writer& number(double value) {
        std::uint64_t bits;
        std::memcpy(&bits, &value, sizeof bits);
        bytes_ += '\xfb';
        return big_endian(bits, 8);
    }
    Writer& boolean(bool value) { return head(7, value ? 21 : 20); }
    Writer& null() { return head(7, 22); }

    [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

   private:
    // The shortest head (RFC 8949, section 4.2.1).
    Writer& head(unsigned major, std::uint64_t argument) {
        if (argument < 24) {
            return big_endian(major << 5U | argument, 1);
        }
        const unsigned size_bits = argument >> 32U != 0 ? 3 : argument >> 16U != 0 ? 2 : argument >> 8U != 0 ? 1 : 0;
        big_endian(major << 5U | (24 + size_bits), 1);
        return big_endian(argument, 1U << size_bits);
    }

    Writer& big_endian(std::uint64_t value, unsigned n_bytes) {
        while (n_bytes-- > 0) {
            bytes_ += static_cast<char>(value >> (8 * n_bytes));
        }
        return *this;
    }

    std::string bytes_;
};

}  // namespace nanotilt::wire
