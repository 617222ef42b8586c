// Reads a description's values by name, and says in words what is wrong with them.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include "../base/normal.hpp"
#include "value.hpp"

namespace nanotilt::wire {

/// Where in a description a value stands. Words are made of it only for errors.
struct Place {
    const Place* around;  // none for the description itself
    std::string_view name;
    std::ptrdiff_t index = -1;  // of an entry of an array

    /// Such as `scenes[2].outline.radius`.
    [[nodiscard]] std::string words() const;
};

/// Throws std::invalid_argument: "recipe: (place) must be (allowed). Received: (received)".
[[noreturn]] void refuse(const Place& place, const std::string& allowed, const std::string& received);

/// A value in words, for errors.
std::string words_of(const Value& value);

/// One number. Refuses what is none, and what is not finite.
double number_at(const Value& value, const Place& place);

/// The same, as a float; refuses what does not fit into one.
float real_at(const Value& value, const Place& place);

/// An integer in [low, high].
int integer_at(const Value& value, const Place& place, int low, int high);

/// An array, whose entries are asked for one after another.
class List {
   public:
    List(const Value& value, const Place& place, std::size_t at_least, std::size_t at_most);

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Calls use(value, place) for each entry.
    template <typename Use>
    void for_each(const Use& use) const {
        Value value = array_;
        for (std::size_t i = 0; i < size_; ++i) {
            value = i == 0 ? array_.first() : value.next();
            use(value, Place{&place_, {}, static_cast<std::ptrdiff_t>(i)});
        }
    }

   private:
    Value array_;
    Place place_;
    std::size_t size_;
};

/// The named values of one map. Each is asked for once, by name; `expect_no_more` then refuses what nobody asked for. Every member
/// throws std::invalid_argument, which names the field, where a value is missing or not what its field allows. Fields are judged as
/// floats if they are used as floats: 1e-46 is positive as a double, and 0 as a float.
class Fields {
   public:
    /// Refuses what is no map, and maps that have a name twice.
    Fields(const Value& value, const Place& place);
    Fields(const Fields&) = delete;  // places of its values point at its own
    Fields& operator=(const Fields&) = delete;

    Value value(std::string_view name);
    /// Whether there is a value of this name; for what descriptions of earlier releases do not have.
    [[nodiscard]] bool has(std::string_view name) const;
    [[nodiscard]] Place place(std::string_view name) const { return {&place_, name}; }

    double number(std::string_view name) { return number_at(value(name), place(name)); }
    float real(std::string_view name) { return real_at(value(name), place(name)); }
    float positive(std::string_view name);
    float not_negative(std::string_view name);
    /// Judged as a float, but kept as it is.
    double positive_number(std::string_view name);
    double within(std::string_view name, double low, double high);
    /// The same; null stands for `otherwise`.
    double within_or(std::string_view name, double low, double high, double otherwise);
    int integer(std::string_view name, int low, int high) { return integer_at(value(name), place(name), low, high); }
    std::array<int, 2> integer_pair(std::string_view name, int low, int high);
    bool boolean(std::string_view name);
    /// The place of the text among those that are allowed.
    int choice(std::string_view name, std::initializer_list<std::string_view> allowed);
    /// A point (x, y), or the like, of floats.
    std::array<float, 2> pair(std::string_view name);
    /// (least, most) of floats within [low, high].
    std::array<double, 2> range(std::string_view name, double low, double high);
    List list(std::string_view name, std::size_t at_least, std::size_t at_most);

    /// A normal distribution around a mean > 0; its standard deviation is called `std_name`.
    Normal positive_normal(std::string_view name, std::string_view std_name);
    /// A normal distribution around a mean >= 0.
    Normal normal(std::string_view name, std::string_view std_name);

    /// Refuses the first name that was not asked for.
    void expect_no_more() const;

   private:
    struct Entry {
        std::string_view name;
        Value value;
        bool asked_for;
    };
    // More than any kind has, so that no map takes memory.
    static constexpr std::size_t entries_limit = 48;

    void add(const Value& key);

    Place place_;
    std::array<Entry, entries_limit> entries_;
    std::size_t size_ = 0;
    std::size_t expected_ =
        0;  // where the next name is looked for first: names mostly come in the order that they are asked for in
};

}  // namespace nanotilt::wire
