// Tests of the core that need no Python: what only C++ can see (allocations, elementary functions bit by bit), and the known
// answers, which judge a build for any processor.
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "checks.hpp"
#include "core/base/elementary.hpp"
#include "core/base/parallel.hpp"
#include "core/base/philox.hpp"
#include "core/geometry/even_odd.hpp"
#include "core/program/plan.hpp"
#include "core/program/sampler.hpp"
#include "core/simd/choose.hpp"
#include "counted_memory.hpp"

namespace {

using namespace nanotilt;
using nanotilt::tests::allocations;
using nanotilt::tests::check;

// The chirality recipe as Python packs it, values between 19.9 and 23.5 normalised; core/wire/packed.hpp gives the order.
std::string packed_chirality(double sampling) {
    std::vector<double> values{stream_version, 64, -1.5, 1.5,  0.05, 0, 0, 20,     0.5, 0.001, 0,
                               sampling,       0,  19.9, 23.5, 0,    2, 0, pi / 2, 2,   1,     1};
    for (const double clockwise : {1.0, 0.0}) {
        for (const double v : {1.0, 0.1, 0.05, 90.0, 0.0, 0.0, 0.0, 0.0, 1.0}) {
            values.push_back(v);
        }
        for (const double v : {1.0, 1.0, 0.1, 0.5, 0.05, 0.04, 0.008, 0.01, 0.002, 0.1, 0.02, clockwise}) {
            values.push_back(v);
        }
    }
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)};
}

void test_philox() {
    // Known-answer vectors of the Random123 distribution (philox4x32, 10 rounds).
    struct Case {
        PhiloxWords counter;
        PhiloxKey key;
        PhiloxWords expected;
    };
    const std::vector<Case> cases{
        {{{0, 0, 0, 0}}, {0, 0}, {{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}}},
        {{{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}},
         {0xffffffff, 0xffffffff},
         {{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}}},
        {{{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}},
         {0xa4093822, 0x299f31d0},
         {{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}},
    };
    for (const Case& c : cases) {
        const PhiloxWords words = philox4x32(c.counter, c.key);
        for (int i = 0; i < 4; ++i) {
            check(words.w[i] == c.expected.w[i], "Philox known answer");
        }
    }
}

void test_elementary() {
    double worst[5] = {};
    const auto note = [&](int which, double error) { worst[which] = std::max(worst[which], std::fabs(error)); };
    for (int i = 1; i < 1'000'000; ++i) {
        const auto u = static_cast<float>(i) * 1e-6F;
        const double exact = std::log(static_cast<double>(u));
        note(0, (static_cast<double>(log_float(u)) - exact) / (std::fabs(exact) + 1e-7));
        const float angle = static_cast<float>(i - 500'000) * 0.01F;
        note(1, static_cast<double>(sincos_float(angle).sin) - std::sin(static_cast<double>(angle)));
        note(1, static_cast<double>(sincos_float(angle).cos) - std::cos(static_cast<double>(angle)));
        const auto word = static_cast<std::uint32_t>(i) * 4295U;
        note(2, static_cast<double>(sincos_of_turn(word).sin) - std::sin(2 * pi * word / 4294967296.0));
        const double x = (i - 500'000) * 1e-3;
        note(3, exp_double(x) / std::exp(x) - 1);
        note(4, (log_double(i * 1e-3) - std::log(i * 1e-3)) / (1 + std::fabs(std::log(i * 1e-3))));
    }
    check(worst[0] < 1.5e-7, "log_float, worst " + std::to_string(worst[0] * 1e9) + "e-9");
    check(worst[1] < 2.5e-7, "sincos_float, worst " + std::to_string(worst[1] * 1e9) + "e-9");
    check(worst[2] < 1.5e-7, "sincos_of_turn, worst " + std::to_string(worst[2] * 1e9) + "e-9");
    check(worst[3] < 5e-16, "exp_double, worst " + std::to_string(worst[3] * 1e18) + "e-18");
    check(worst[4] < 5e-16, "log_double, worst " + std::to_string(worst[4] * 1e18) + "e-18");
}

struct Samples {
    std::vector<float> views;
    std::vector<std::int32_t> label;
    std::vector<float> angle;
};

Samples draw(const Sampler& sampler, std::uint64_t start, std::ptrdiff_t count, int threads) {
    const auto n = static_cast<std::size_t>(count);
    Samples s{std::vector<float>(n * 128), std::vector<std::int32_t>(n), std::vector<float>(n * 2)};
    sampler.sample(7, start, count, std::array<void*, 3>{s.views.data(), s.label.data(), s.angle.data()}, threads);
    return s;
}

void test_sampler() {
    for (const double sampling : {0.0, 1.0}) {
        const Sampler sampler(packed_chirality(sampling));
        const Samples whole = draw(sampler, 0, 1000, 1);
        check(draw(sampler, 0, 1000, 4).views == whole.views, "same bits over threads");
        const Samples part = draw(sampler, 613, 100, 2);
        check(std::equal(part.views.begin(), part.views.end(), whole.views.begin() + 613 * 128), "same bits over batch splits");
        double mean = 0.0;
        for (const float v : whole.views) {
            mean += v / static_cast<double>(whole.views.size());
        }
        check(std::fabs(mean - 0.34) < 0.02, "mean of normalised views, " + std::to_string(mean));
    }
}

// The spec allocates for NumPy and TensorFlow: its sizes must be those of the numbers.
void test_spec() {
    const SampleSpec spec{{{"views", Dtype::float32, {2, 64}, ""},
                           {"mask", Dtype::uint8, {8, 8}, ""},
                           {"counts", Dtype::int16, {3}, ""},
                           {"n_boxes", Dtype::int32, {}, ""},
                           {"when", Dtype::int64, {2}, "s"}}};
    std::string described;
    for (const Output& output : spec.outputs) {
        described += std::string(name_of(output.dtype)) + " " + std::to_string(output.bytes()) + "; ";
    }
    check(described == "float32 512; uint8 64; int16 6; int32 4; int64 16; ", "sizes of outputs: " + described);
    check(spec.index_of("counts") == 2, "an output is found by its name");
    std::string message;
    try {
        static_cast<void>(spec.index_of("bo\xff\n" + std::string(1000, 'x')));
    } catch (const std::invalid_argument& error) {
        message = error.what();
    }
    check(message == "outputs must be among views, mask, counts, n_boxes, when. Received: bo??" + std::string(36, 'x') + "...",
          "an unknown output is named: " + message);
}

// What is not asked for is not written, and leaves the rest as it is.
void test_outputs_asked_for() {
    const Sampler sampler(packed_chirality(0.0));
    const Samples whole = draw(sampler, 5, 200, 1);
    for (const unsigned asked : {0U, 1U, 2U, 3U, 4U, 5U, 6U}) {
        Samples some{std::vector<float>(200 * 128, -1.0F), std::vector<std::int32_t>(200, -1), std::vector<float>(400, -1.0F)};
        const std::array<void*, 3> all{some.views.data(), some.label.data(), some.angle.data()};
        std::array<void*, 3> outputs{};
        for (std::size_t i = 0; i < 3; ++i) {
            outputs[i] = (asked >> i & 1U) != 0 ? all[i] : nullptr;
        }
        sampler.sample(7, 5, 200, outputs, 3);
        check(outputs[0] == nullptr ? some.views.front() == -1.0F : some.views == whole.views, "views as asked for");
        check(outputs[1] == nullptr ? some.label.front() == -1 : some.label == whole.label, "labels as asked for");
        check(outputs[2] == nullptr ? some.angle.front() == -1.0F : some.angle == whole.angle, "angles as asked for");
    }
    bool refused = false;
    try {
        sampler.sample(7, 0, 0, std::array<void*, 2>{}, 1);
    } catch (const std::invalid_argument&) {
        refused = true;
    }
    check(refused, "as many pointers as outputs");
}

// Memory is taken per call, never per sample: a call for 1,000 samples allocates as often as a call for 10.
void test_no_allocation_per_sample() {
    for (const double sampling : {0.0, 1.0}) {
        const Sampler sampler(packed_chirality(sampling));
        std::vector<float> views(1000 * 128);
        std::vector<std::int32_t> label(1000);
        std::vector<float> angle(2000);
        const auto count_allocations = [&](std::ptrdiff_t samples) {
            const long before = allocations.load();
            sampler.sample(7, 0, samples, std::array<void*, 3>{views.data(), label.data(), angle.data()}, 1);
            return allocations.load() - before;
        };
        count_allocations(10);
        check(count_allocations(10) == count_allocations(1000), "no allocation per sample");
    }
}

void test_bad_plans() {
    for (const std::string& bad : {std::string(), std::string(8, '\0'), packed_chirality(0).substr(8), packed_chirality(7)}) {
        bool refused = false;
        try {
            const Sampler sampler(bad);
        } catch (const std::invalid_argument&) {
            refused = true;
        }
        check(refused, "a malformed packed recipe is refused");
    }
}

// A bow tie of two unit-height triangles: the even-odd rule fills both.
void test_even_odd() {
    const std::vector<float> u{0, 4, 4, 0, 0};
    const std::vector<float> y{0, 4, 0, 4, 0};
    const auto list = [](Arena& arena) { return take_even_odd_scratch(arena, 4, 5); };
    ScratchPool pool(1, floats_of(list));
    Arena arena(pool.slice(0));
    const EvenOddScratch scratch = list(arena);
    std::vector<float> rays(5);
    StopPoints points(never);
    add_even_odd_rays(u.data(), y.data(), 4, 1.0F, 5, rays.data(), scratch, points);
    check(rays == std::vector<float>{4, 2, 0, 2, 0}, "bow tie along rays");
    std::vector<float> bins(5);
    add_even_odd_bins(u.data(), y.data(), 4, 1.0F, 5, bins.data(), scratch, points);
    float area = 0.0F;
    for (const float b : bins) {
        area += b;
    }
    check(std::fabs(area - 8.0F) < 1e-5F, "bow tie's area");
}

void test_highest_level_is_taken() {
    const char* wanted = std::getenv("NANOTILT_SIMD");
    const std::string expected = wanted != nullptr && *wanted != '\0' ? wanted : supported_levels().back();
    check(active_kernels().level == expected, "SIMD level " + expected);
}

}  // namespace

int main(int n_arguments, char** arguments) {
    if (n_arguments != 2) {
        std::printf("usage: core_tests FOLDER_OF_KNOWN_ANSWERS\n");
        return EXIT_FAILURE;
    }
    try {
        std::printf("kernels: %s\n", active_kernels().level);
        test_highest_level_is_taken();
        test_philox();
        test_elementary();
        test_sampler();
        test_outputs_asked_for();
        test_spec();
        test_no_allocation_per_sample();
        test_bad_plans();
        tests::test_arena();
        tests::test_wire();
        test_even_odd();
        tests::test_known_answers(arguments[1]);
        tests::test_field_answers(arguments[1]);
        tests::test_stops(packed_chirality(0));
    } catch (const std::exception& error) {
        std::printf("error: %s\n", error.what());
        return EXIT_FAILURE;
    }
    std::printf("%d passed, %d failed\n", tests::passes, tests::failures);
    return tests::failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
