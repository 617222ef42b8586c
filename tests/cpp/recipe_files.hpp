// Recipes as the files beside the tests hold them: packed doubles as decimals, wire bytes as hexadecimal digits.
#pragma once

#include <cstdlib>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace nanotilt::tests {

using Numbers = std::vector<double>;

inline Numbers numbers_in(const std::string& text) {
    Numbers values;
    const char* at = text.c_str();
    char* end = nullptr;
    for (double value = std::strtod(at, &end); end != at; value = std::strtod(at, &end)) {
        values.push_back(value);
        at = end;
    }
    return values;
}

inline std::string bytes_of(const Numbers& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)};
}

inline std::string bytes_of_hex(const std::string& digits) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        bytes += static_cast<char>(std::strtol(digits.substr(i, 2).c_str(), nullptr, 16));
    }
    return bytes;
}

/// What follows `word` in a file of known answers, by the name of the recipe before it.
inline std::map<std::string, std::string> recipes_in(const std::string& path, const std::string& word) {
    std::map<std::string, std::string> found;
    std::ifstream file(path);
    std::string recipe;
    for (std::string line; std::getline(file, line);) {
        const std::size_t space = line.find(' ');
        if (space == std::string::npos) {
            continue;
        }
        if (line.substr(0, space) == "recipe") {
            recipe = line.substr(space + 1);
        } else if (line.substr(0, space) == word) {
            found[recipe] = line.substr(space + 1);
        }
    }
    if (found.empty()) {
        throw std::runtime_error("no recipes could be read from " + path);
    }
    return found;
}

}  // namespace nanotilt::tests
