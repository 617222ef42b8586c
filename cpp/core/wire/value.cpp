#include "value.hpp"

#include <cstring>
#include <stdexcept>
#include <string>

namespace nanotilt::wire {
namespace {

// Major types of CBOR (RFC 8949, section 3.1), and what simple values and floats have for an argument (section 3.3).
enum Major : unsigned {
    unsigned_integer = 0,
    negative_integer = 1,
    byte_string = 2,
    text_string = 3,
    array = 4,
    map = 5,
    simple = 7
};
constexpr unsigned false_value = 20;
constexpr unsigned true_value = 21;
constexpr unsigned null_value = 22;
constexpr unsigned double_value = 27;

unsigned low_bits_of(const char* at) {
    return static_cast<unsigned char>(*at) & 31U;
}

// How many bytes follow the first one before the contents: the argument's, if it does not fit into the first.
std::size_t argument_bytes(unsigned low_bits) {
    return low_bits < 24 ? 0 : std::size_t{1} << (low_bits - 24);
}

std::uint64_t big_endian(const char* at, std::size_t n_bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < n_bytes; ++i) {
        value = value << 8 | static_cast<unsigned char>(at[i]);
    }
    return value;
}

/// What one value begins with.
struct Head {
    explicit Head(const char* at)
        : major(static_cast<unsigned char>(*at) >> 5U),
          low_bits(low_bits_of(at)),
          argument(low_bits < 24 ? low_bits : big_endian(at + 1, argument_bytes(low_bits))),
          contents(at + 1 + argument_bytes(low_bits)) {}

    unsigned major;
    unsigned low_bits;
    std::uint64_t argument;
    const char* contents;
};

/// Goes through bytes once, before anything else is read from them.
class Checker {
   public:
    explicit Checker(std::string_view bytes) : begin_(bytes.data()), at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

    void check() {
        skip(magic.size());
        value(1);
        if (at_ != end_) {
            refuse("more bytes follow");
        }
    }

   private:
    [[noreturn]] void refuse(const char* why) const {
        throw std::invalid_argument("recipe: its bytes are no description, at byte " + std::to_string(at_ - begin_) + ": " + why);
    }

    [[nodiscard]] std::uint64_t left() const { return static_cast<std::uint64_t>(end_ - at_); }

    void skip(std::uint64_t n_bytes) {
        if (n_bytes > left()) {
            refuse("they end too early");
        }
        at_ += n_bytes;
    }

    Head head() {
        if (left() == 0) {
            refuse("they end too early");
        }
        const unsigned low_bits = low_bits_of(at_);
        if (low_bits > double_value) {
            refuse("a length or a number of this kind is not used");
        }
        const char* at = at_;
        skip(1 + argument_bytes(low_bits));
        return Head(at);
    }

    // Each entry has one byte at least: so no count is larger than the bytes that are left.
    void expect_entries(std::uint64_t count, std::uint64_t values_each, int depth) const {
        if (depth > depth_limit) {
            refuse("values are nested too deeply");
        }
        if (count > left() / values_each) {
            refuse("they end too early for a count in them");
        }
    }

    void text(std::uint64_t size) {
        const char* at = at_;
        skip(size);
        for (; at != at_; ++at) {
            if (*at < ' ' || *at > '~') {
                refuse("text must be printable ASCII characters");
            }
        }
    }

    void value(int depth) {
        const Head h = head();
        switch (h.major) {
            case unsigned_integer:
            case negative_integer:
                if (h.argument >> 63U != 0) {
                    refuse("an integer must fit into 64 bits");
                }
                return;
            case byte_string:
                return skip(h.argument);
            case text_string:
                return text(h.argument);
            case array:
                expect_entries(h.argument, 1, depth);
                for (std::uint64_t i = 0; i < h.argument; ++i) {
                    value(depth + 1);
                }
                return;
            case map:
                expect_entries(h.argument, 2, depth);
                for (std::uint64_t i = 0; i < h.argument; ++i) {
                    key();
                    value(depth + 1);
                }
                return;
            case simple:
                if (h.low_bits < false_value || (h.low_bits > null_value && h.low_bits != double_value)) {
                    refuse("a simple value of this kind is not used");
                }
                return;
            default:
                refuse("a tag is not used here");
        }
    }

    void key() {
        const Head h = head();
        if (h.major != text_string) {
            refuse("a key must be text");
        }
        text(h.argument);
    }

    const char* begin_;
    const char* at_;
    const char* end_;
};

}  // namespace

Type Value::type() const noexcept {
    switch (const Head h(at_); h.major) {
        case byte_string:
            return Type::bytes;
        case text_string:
            return Type::text;
        case array:
            return Type::array;
        case map:
            return Type::map;
        case simple:
            return h.low_bits == double_value ? Type::number : h.low_bits == null_value ? Type::null : Type::boolean;
        default:
            return Type::integer;
    }
}

std::int64_t Value::integer() const noexcept {
    const Head h(at_);
    const auto magnitude = static_cast<std::int64_t>(h.argument);
    return h.major == negative_integer ? -1 - magnitude : magnitude;
}

double Value::number() const noexcept {
    const std::uint64_t bits = Head(at_).argument;
    double value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

bool Value::boolean() const noexcept {
    return Head(at_).low_bits == true_value;
}

std::string_view Value::text() const noexcept {
    const Head h(at_);
    return {h.contents, static_cast<std::size_t>(h.argument)};
}

std::size_t Value::size() const noexcept {
    return static_cast<std::size_t>(Head(at_).argument);
}

Value Value::first() const noexcept {
    return Value(Head(at_).contents);
}

Value Value::next() const noexcept {
    const char* at = at_;
    // Values to go past; what a value contains is added. No more than there are bytes.
    for (std::uint64_t values = 1; values > 0; --values) {
        const Head h(at);
        at = h.contents;
        if (h.major == byte_string || h.major == text_string) {
            at += h.argument;
        } else if (h.major == array) {
            values += h.argument;
        } else if (h.major == map) {
            values += 2 * h.argument;
        }
    }
    return Value(at);
}

Value parsed(std::string_view bytes) {
    if (bytes.substr(0, magic.size()) != magic) {
        throw std::invalid_argument("recipe: its bytes are no description: they begin with other ones");
    }
    Checker(bytes).check();
    return Value(bytes.data() + magic.size());
}

}  // namespace nanotilt::wire
