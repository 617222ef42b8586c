// What one sample of a recipe holds: the name, kind of number, shape and unit of each output. It decides what is allocated in
// NumPy and in TensorFlow alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace nanotilt {

/// Kinds of numbers, numbered as TensorFlow does.
enum class Dtype : std::uint8_t { float32 = 1, int32 = 3, uint8 = 4, int16 = 5, int64 = 9 };

/// As NumPy and TensorFlow name it.
inline const char* name_of(Dtype dtype) {
    switch (dtype) {
        case Dtype::float32:
            return "float32";
        case Dtype::int32:
            return "int32";
        case Dtype::uint8:
            return "uint8";
        case Dtype::int16:
            return "int16";
        case Dtype::int64:
            return "int64";
    }
    throw std::invalid_argument("no such dtype");
}

inline std::size_t bytes_of(Dtype dtype) {
    switch (dtype) {
        case Dtype::float32:
        case Dtype::int32:
            return 4;
        case Dtype::uint8:
            return 1;
        case Dtype::int16:
            return 2;
        case Dtype::int64:
            return 8;
    }
    throw std::invalid_argument("no such dtype");
}

/// One output of one sample. The shape is fixed; a list whose length varies is padded, and its length is an output of its own.
struct Output {
    std::string name;
    Dtype dtype;
    std::vector<std::int64_t> shape;
    std::string unit;

    bool operator==(const Output&) const = default;

    [[nodiscard]] std::size_t bytes() const {
        std::size_t n = bytes_of(dtype);
        for (const std::int64_t length : shape) {
            n *= static_cast<std::size_t>(length);
        }
        return n;
    }
};

/// A name that was handed in, fit for an error's text: 40 characters at most, and what is not plain ASCII as a question mark.
inline std::string shown(std::string_view name) {
    std::string text(name.substr(0, 40));
    for (char& c : text) {
        c = c >= ' ' && c <= '~' ? c : '?';
    }
    return name.size() > text.size() ? text + "..." : text;
}

/// All that a recipe's samples can hold; which of it is drawn, each call says.
struct SampleSpec {
    std::vector<Output> outputs;

    /// Where the output of this name stands. Throws std::invalid_argument that names it and those that there are.
    [[nodiscard]] std::size_t index_of(std::string_view name) const {
        std::string known;
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            if (outputs[i].name == name) {
                return i;
            }
            known += (known.empty() ? "" : ", ") + outputs[i].name;
        }
        throw std::invalid_argument("outputs must be among " + known + ". Received: " + shown(name));
    }
};

}  // namespace nanotilt
