// Values in the bytes that descriptions cross to the core in: a subset of CBOR (RFC 8949).
//
// Of CBOR there are: integers that fit into 64 bits, doubles of 64 bits, booleans, null, byte strings, text of printable ASCII
// characters, arrays, and maps whose keys are text; lengths are definite, and the tag 55799 ("this is CBOR") comes first. So a
// double crosses as its bits, and no decimals and no locale have a say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace nanotilt::wire {

/// What all wire bytes begin with (RFC 8949, section 3.4.6).
inline constexpr std::string_view magic = "\xd9\xd9\xf7";

/// Most arrays and maps within each other, the outermost counted. A recipe has 5.
inline constexpr int depth_limit = 16;

enum class Type : std::uint8_t { integer, number, boolean, null, bytes, text, array, map };

/// One value, where it stands in bytes that `parsed` has found to be whole. It owns no memory, and neither does what it gives: the
/// bytes have to outlive both. Each access but `type` is for values of the types that it names.
class Value {
   public:
    /// No value at all; only to be assigned to.
    Value() = default;
    [[nodiscard]] Type type() const noexcept;
    [[nodiscard]] std::int64_t integer() const noexcept;
    [[nodiscard]] double number() const noexcept;
    [[nodiscard]] bool boolean() const noexcept;
    /// Of text and of byte strings.
    [[nodiscard]] std::string_view text() const noexcept;
    /// Entries of an array or a map.
    [[nodiscard]] std::size_t size() const noexcept;
    /// The first entry of an array, or the first key of a map, neither empty.
    [[nodiscard]] Value first() const noexcept;
    /// What follows this value in an array or a map: in a map, values follow their keys.
    [[nodiscard]] Value next() const noexcept;

   private:
    explicit Value(const char* at) : at_(at) {}
    friend Value parsed(std::string_view bytes);

    const char* at_ = nullptr;
};

/// The value that bytes hold. Takes no memory. Throws std::invalid_argument, with the place in the bytes, unless they hold one
/// value of the subset and nothing else.
Value parsed(std::string_view bytes);

}  // namespace nanotilt::wire
