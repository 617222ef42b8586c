#include "fields.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

namespace nanotilt::wire {
namespace {

std::string shortest(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.9g", value);
    return text.data();
}

void expect_type(const Value& value, Type type, const Place& place, const char* what) {
    if (value.type() != type) {
        refuse(place, what, words_of(value));
    }
}

}  // namespace

std::string Place::words() const {
    const std::string before = around == nullptr ? "" : around->words();
    if (index >= 0) {
        return before + "[" + std::to_string(index) + "]";
    }
    return before + (before.empty() || name.empty() ? "" : ".") + std::string(name);
}

void refuse(const Place& place, const std::string& allowed, const std::string& received) {
    const std::string words = place.words();
    throw std::invalid_argument("recipe: " + (words.empty() ? "it" : words) + " must be " + allowed + ". Received: " + received);
}

std::string words_of(const Value& value) {
    switch (value.type()) {
        case Type::integer:
            return std::to_string(value.integer());
        case Type::number:
            return shortest(value.number());
        case Type::boolean:
            return value.boolean() ? "true" : "false";
        case Type::null:
            return "null";
        case Type::bytes:
            return std::to_string(value.size()) + " bytes";
        case Type::text:
            return std::string(1, '\'').append(value.text().substr(0, 80)).append(1, '\'');
        case Type::array:
            return "an array of " + std::to_string(value.size());
        default:
            return "a map of " + std::to_string(value.size());
    }
}

double number_at(const Value& value, const Place& place) {
    expect_type(value, Type::number, place, "a number");
    const double number = value.number();
    if (!std::isfinite(number)) {
        refuse(place, "finite", shortest(number));
    }
    return number;
}

float real_at(const Value& value, const Place& place) {
    const double number = number_at(value, place);
    const auto rounded = static_cast<float>(number);
    if (!std::isfinite(rounded)) {
        refuse(place, "a number that fits into a float", shortest(number));
    }
    return rounded;
}

List::List(const Value& value, const Place& place, std::size_t at_least, std::size_t at_most) : array_(value), place_(place) {
    expect_type(value, Type::array, place, "an array");
    size_ = value.size();
    if (size_ < at_least || size_ > at_most) {
        const std::string most = std::to_string(at_most);
        refuse(place, "an array of " + (at_least == at_most ? most : std::to_string(at_least) + " to " + most), words_of(value));
    }
}

Fields::Fields(const Value& value, const Place& place) : place_(place) {
    expect_type(value, Type::map, place_, "a map of names to values");
    const std::size_t size = value.size();
    Value key = value;
    for (std::size_t i = 0; i < size; ++i) {
        key = i == 0 ? value.first() : key.next().next();
        add(key);
    }
}

void Fields::add(const Value& key) {
    const std::string_view name = key.text();
    for (std::size_t i = 0; i < size_; ++i) {
        if (entries_[i].name == name) {
            refuse(place_, "a map that has each name once", "twice " + words_of(key));
        }
    }
    if (size_ == entries_limit) {
        refuse(place_, "a map of " + std::to_string(entries_limit) + " names at most", "more of them");
    }
    entries_[size_++] = {name, key.next(), false};
}

Value Fields::value(std::string_view name) {
    for (std::size_t i = 0; i < size_; ++i) {
        const std::size_t at = (expected_ + i) % size_;
        Entry& entry = entries_[at];
        if (entry.name == name) {
            expected_ = at + 1;
            entry.asked_for = true;
            return entry.value;
        }
    }
    refuse(place(name), "there", "a map without it");
}

bool Fields::has(std::string_view name) const {
    return std::any_of(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(size_),
                       [&](const Entry& entry) { return entry.name == name; });
}

float Fields::positive(std::string_view name) {
    const float value = real(name);
    if (!(value > 0.0F)) {
        refuse(place(name), "> 0", shortest(static_cast<double>(value)));
    }
    return value;
}

float Fields::not_negative(std::string_view name) {
    const float value = real(name);
    if (!(value >= 0.0F)) {
        refuse(place(name), ">= 0", shortest(static_cast<double>(value)));
    }
    return value;
}

double Fields::positive_number(std::string_view name) {
    const double value = number(name);
    const auto rounded = static_cast<float>(value);
    if (!(rounded > 0.0F) || !std::isfinite(rounded)) {
        refuse(place(name), "> 0 and fit into a float", shortest(value));
    }
    return value;
}

double Fields::within(std::string_view name, double low, double high) {
    const double value = number(name);
    if (!(value >= low && value <= high)) {
        refuse(place(name), "in [" + shortest(low) + ", " + shortest(high) + "]", shortest(value));
    }
    return value;
}

double Fields::within_or(std::string_view name, double low, double high, double otherwise) {
    return value(name).type() == Type::null ? otherwise : within(name, low, high);
}

int integer_at(const Value& found, const Place& place, int low, int high) {
    if (found.type() != Type::integer || found.integer() < low || found.integer() > high) {
        refuse(place, "an integer in [" + std::to_string(low) + ", " + std::to_string(high) + "]", words_of(found));
    }
    return static_cast<int>(found.integer());
}

std::array<int, 2> Fields::integer_pair(std::string_view name, int low, int high) {
    std::array<int, 2> found{};
    list(name, 2, 2).for_each([&](const Value& value, const Place& at) {
        found[static_cast<std::size_t>(at.index)] = integer_at(value, at, low, high);
    });
    return found;
}

bool Fields::boolean(std::string_view name) {
    const Value found = value(name);
    expect_type(found, Type::boolean, place(name), "true or false");
    return found.boolean();
}

int Fields::choice(std::string_view name, std::initializer_list<std::string_view> allowed) {
    const Value found = value(name);
    int at = 0;
    std::string words;
    for (const std::string_view word : allowed) {
        if (found.type() == Type::text && found.text() == word) {
            return at;
        }
        words += (at++ == 0 ? "" : ", ") + std::string(word);
    }
    refuse(place(name), "one of " + words, words_of(found));
}

std::array<float, 2> Fields::pair(std::string_view name) {
    std::array<float, 2> found{};
    list(name, 2, 2).for_each([&](const Value& value, const Place& at) {
        found[static_cast<std::size_t>(at.index)] = real_at(value, at);
    });
    return found;
}

std::array<double, 2> Fields::range(std::string_view name, double low, double high) {
    const auto [least, most] = pair(name);
    const std::array<double, 2> found{static_cast<double>(least), static_cast<double>(most)};
    if (!(found[0] >= low && found[0] <= found[1] && found[1] <= high)) {
        refuse(place(name), "(least, most) of " + shortest(low) + " to " + shortest(high),
               shortest(found[0]) + ", " + shortest(found[1]));
    }
    return found;
}

List Fields::list(std::string_view name, std::size_t at_least, std::size_t at_most) {
    return {value(name), place(name), at_least, at_most};
}

Normal Fields::positive_normal(std::string_view name, std::string_view std_name) {
    const float mean = positive(name);
    return {mean, not_negative(std_name)};
}

Normal Fields::normal(std::string_view name, std::string_view std_name) {
    const float mean = not_negative(name);
    return {mean, not_negative(std_name)};
}

void Fields::expect_no_more() const {
    for (std::size_t i = 0; i < size_; ++i) {
        if (!entries_[i].asked_for) {
            throw std::invalid_argument("recipe: " + place(entries_[i].name).words() + " is unknown");
        }
    }
}

}  // namespace nanotilt::wire
