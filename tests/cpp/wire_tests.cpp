// Wire bytes: what is read from them, and what is refused, in which words.
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "checks.hpp"
#include "core/program/compile.hpp"
#include "core/wire/fields.hpp"
#include "core/wire/writer.hpp"
#include "counted_memory.hpp"

namespace nanotilt::tests {
namespace {

using wire::Writer;

constexpr std::size_t mebibyte = std::size_t{1} << 20;
constexpr const char* no_error = "no error";

std::string words_of_refusal(const std::function<void()>& read) {
    try {
        read();
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return no_error;
}

void check_words(const std::string& words, const std::string& expected) {
    check(words.find(expected) != std::string::npos, words + " has the words " + expected);
}

// A hole's map, where `with` adds two names to the five that are needed.
std::string hole(const std::function<void(Writer&)>& with, std::uint64_t size, double radius = 0.1) {
    Writer out;
    out.map(size).text("kind").text("hole").text("density").number(-1).text("max_offset").number(0.4);
    out.text("radius").number(radius).text("radius_std").number(0.01);
    with(out);
    return out.bytes();
}

void nothing(Writer& /*unused*/) {}

void read_hole(const std::string& bytes) {
    wire::Fields in(wire::parsed(bytes), wire::Place{nullptr, "hole"});
    in.choice("kind", {"hole", "spiral"});
    in.real("density");
    in.not_negative("max_offset");
    in.positive_normal("radius", "radius_std");
    in.expect_no_more();
}

// A recipe with one particle; `scene_kind` and `radius` can be wrong.
std::string recipe(const char* scene_kind, double radius, std::int64_t version = 2) {
    Writer out;
    out.map(5).text("stream_version").integer(stream_version).text("instrument").map(16).text("kind").text("detector");
    out.text("version").integer(2).text("n_bins").integer(9).text("lower").number(-1.5).text("upper").number(1.5);
    out.text("shift_std").number(0.05).text("about").array(2).number(0).number(0).text("background").number(20);
    out.text("blur_sigma_px")
        .number(0.5)
        .text("noise")
        .number(0.001)
        .text("dose")
        .null()
        .text("counting")
        .text("exact")
        .text("sampling")
        .text("ray");
    out.text("centring").boolean(false).text("angles_rad").array(1).number(0).text("angle_std_rad").number(0);
    out.text("bounds").array(2).number(0).number(1).text("weights").array(1).number(1);
    out.text("scenes").array(1).map(4).text("kind").text(scene_kind).text("version").integer(version);
    out.text("outline").map(6).text("radius").number(radius).text("radius_std").number(0.1).text("roughness").number(0.05);
    out.text("n_corners").integer(31).text("centre").array(2).number(0).number(0).text("centre_std").array(2).number(0).number(0);
    out.text("features").array(0);
    return out.bytes();
}

void test_values() {
    Writer out;
    const std::vector<std::int64_t> integers{0,
                                             23,
                                             24,
                                             255,
                                             256,
                                             65535,
                                             65536,
                                             4294967295,
                                             4294967296,
                                             -1,
                                             -24,
                                             -25,
                                             -4294967297,
                                             std::numeric_limits<std::int64_t>::max(),
                                             std::numeric_limits<std::int64_t>::min()};
    out.array(integers.size() + 3);
    for (const std::int64_t value : integers) {
        out.integer(value);
    }
    out.number(-0.0).text("a text of more than 23 characters").map(0);
    const wire::Value all = wire::parsed(out.bytes());
    check(all.type() == wire::Type::array && all.size() == integers.size() + 3, "an array and its size");
    wire::Value value = all.first();
    for (const std::int64_t expected : integers) {
        check(value.type() == wire::Type::integer && value.integer() == expected, "integer " + std::to_string(expected));
        value = value.next();
    }
    check(value.type() == wire::Type::number && value.number() == 0.0 && std::signbit(value.number()), "a number's bits");
    value = value.next();
    check(value.type() == wire::Type::text && value.text() == "a text of more than 23 characters", "a text");
    value = value.next();
    check(value.type() == wire::Type::map && value.size() == 0, "a map of nothing");
}

// Each beginning of good bytes is refused, and each with one byte more.
void test_truncated() {
    const std::string whole = recipe("particle", 1.0);
    check(words_of_refusal([&] { (void)compile(whole); }) == no_error, "the whole recipe is compiled");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::string words = words_of_refusal([&] { (void)compile(std::string_view(whole).substr(0, size)); });
        check(words != no_error, "a recipe of " + std::to_string(size) + " bytes");
    }
    check_words(words_of_refusal([&] { (void)compile(whole + "a"); }), "more bytes follow");
}

void test_malformed() {
    const std::string magic(wire::magic);
    struct Case {
        std::string bytes;
        const char* words;
    };
    const std::vector<Case> cases{
        {"", "begin with other ones"},
        {std::string("\xa0", 1), "begin with other ones"},
        {magic + "\x18", "end too early"},
        {magic + "\x5f", "of this kind is not used"},          // no definite length
        {magic + "\x1c", "of this kind is not used"},          // reserved
        {magic + "\xf9\x3c\x01", "of this kind is not used"},  // a half
        {magic + "\xf7", "of this kind is not used"},          // undefined
        {magic + "\xc1\x01", "a tag is not used"},
        {magic + "\x61\x07", "printable ASCII"},
        {magic + "\x61\xff", "printable ASCII"},
        {magic + "\xa1\x01\x01", "a key must be text"},
        {magic + "\x1b\xff\xff\xff\xff\xff\xff\xff\xff", "fit into 64 bits"},
        {Writer().array(std::uint64_t{1} << 63U).integer(1).bytes(), "for a count in them"},
        {Writer().map(std::uint64_t{1} << 63U).bytes(), "for a count in them"},
        {magic + "\x7b\x7f\xff\xff\xff\xff\xff\xff\xff\x61", "end too early"},  // a text of 2^63
        {magic + std::string(10'000, '\x81') + "\x01", "nested too deeply"},
        {magic + std::string(20'000, '\xa1'), "a key must be text"},
    };
    for (const Case& c : cases) {
        const std::size_t before = bytes_asked_for;
        const std::string words = words_of_refusal([&] { (void)wire::parsed(c.bytes); });
        check(bytes_asked_for - before < mebibyte, "memory for malformed bytes");
        check_words(words, c.words);
    }
    std::string nested;
    for (int depth = 0; depth < 10'000; ++depth) {
        nested += "\xa1\x61x";
    }
    check_words(words_of_refusal([&] { (void)wire::parsed(magic + nested + "\x01"); }), "nested too deeply");
}

void test_fields() {
    const auto refusal = [](const std::string& bytes) { return words_of_refusal([&] { read_hole(bytes); }); };
    check(refusal(hole(nothing, 5)) == no_error, "a hole is read");
    check_words(refusal(hole([](Writer& out) { out.text("shape").number(1); }, 6)), "hole.shape is unknown");
    check_words(refusal(hole([](Writer& out) { out.text("radius").number(1); }, 6)), "each name once. Received: twice 'radius'");
    check_words(refusal(hole(nothing, 5, std::nan(""))), "hole.radius must be finite. Received: ");
    check_words(refusal(hole(nothing, 5, std::numeric_limits<double>::infinity())), "hole.radius must be finite. Received: inf");
    check_words(refusal(hole(nothing, 5, 1e300)), "hole.radius must be a number that fits into a float. Received: 1e+300");
    check_words(refusal(hole(nothing, 5, 1e-46)), "hole.radius must be > 0. Received: 0");
    check_words(refusal(Writer().map(1).text("kind").text("cube").bytes()),
                "hole.kind must be one of hole, spiral. Received: 'cube'");
    check_words(refusal(Writer().map(1).text("kind").text("hole").bytes()), "hole.density must be there");
    check_words(refusal(Writer().map(2).text("kind").text("hole").text("density").integer(1).bytes()),
                "hole.density must be a number. Received: 1");
    check_words(refusal(Writer().array(0).bytes()), "hole must be a map of names to values. Received: an array of 0");
    Writer many;
    many.map(50);
    for (int i = 0; i < 50; ++i) {
        many.text(std::to_string(i)).null();
    }
    check_words(refusal(many.bytes()), "hole must be a map of 48 names at most");
}

void test_recipes() {
    const auto refusal = [](const std::string& bytes) { return words_of_refusal([&] { (void)compile(bytes); }); };
    check_words(refusal(recipe("cube", 1.0)),
                "scenes[0].kind must be one of particle, polygon, discs, field, lattice, scattering. Received: 'cube'");
    check_words(refusal(recipe("particle", 1.0, 1)), "scenes[0].version must be an integer in [2, 2]. Received: 1");
    check_words(refusal(recipe("particle", -1.0)), "scenes[0].outline.radius must be > 0. Received: -1");
}

}  // namespace

void test_wire() {
    test_values();
    test_truncated();
    test_malformed();
    test_fields();
    test_recipes();
}

}  // namespace nanotilt::tests
