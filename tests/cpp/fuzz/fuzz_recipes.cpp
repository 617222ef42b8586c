// Hostile recipes, packed and in wire bytes: each is refused by std::invalid_argument or drawn from, within its memory. Meant to be
// built with sanitisers, too. A run is made from its number alone: after a crash, `fuzz_recipes KNOWN CORPUS 1 NUMBER` repeats it.
#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "../checks.hpp"
#include "../counted_memory.hpp"
#include "../recipe_files.hpp"
#include "core/program/compile.hpp"
#include "core/program/sample_scratch.hpp"
#include "core/program/sampler.hpp"
#include "core/wire/packed.hpp"
#include "mutations.hpp"

namespace nanotilt::tests {
namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20;

enum class Outcome { refused, unpacked, drawn };

// The run that is being made, for the last words of a process that dies of it.
volatile std::sig_atomic_t current_run = -1;

void tell_current_run() {
    std::fprintf(stderr, "the process ends in run %ld (-1: the corpus)\n", static_cast<long>(current_run));
}

void on_signal(int number) {
    tell_current_run();
    std::signal(number, SIG_DFL);
    std::raise(number);
}

// Rings of many corners that cross themselves take long, and so do wide blurs and large fields: unpacking them is all that is
// tried.
bool quick_to_draw(const Plan& plan) {
    const DetectorPlan& d = plan.detector;
    if (plan.scan) {
        const auto values = static_cast<std::size_t>(plan.scan->frame_values()) * static_cast<std::size_t>(plan.scan->n_frames);
        return values * (static_cast<std::size_t>(plan.max_bodies) + d.blur_weights.size() + 100) < (std::size_t{1} << 23);
    }
    if (plan.atoms) {
        const auto side = static_cast<std::size_t>(plan.atoms->n_pixels);
        const auto window = static_cast<std::size_t>(plan.atoms->widest_half()) + 40;
        return side * side * window < (std::size_t{1} << 22) && plan.atoms->jitter_px + plan.atoms->drift_px < 50.0;
    }
    const bool slow_rings = plan.camera || d.sampling == Sampling::bin;
    const std::size_t pixels =
        plan.camera ? static_cast<std::size_t>(plan.camera->n_pixels) * static_cast<std::size_t>(plan.camera->n_pixels) : 0;
    const std::size_t samples = plan.camera ? static_cast<std::size_t>(std::max(plan.camera->samples_per_side, 1)) : 1;
    const auto n_bins = static_cast<std::size_t>(d.n_bins);
    const std::size_t cost = d.views.size() * (static_cast<std::size_t>(plan.max_points) * samples + pixels * samples * samples +
                                               n_bins * d.blur_weights.size());
    return cost < (std::size_t{1} << 18) && plan.max_ring_corners < (slow_rings ? 200 : 20'000);
}

// Two samples of every output, each in memory of its own, so that a sanitiser sees where one ends.
void draw_samples(const Sampler& sampler, std::uint64_t seed, std::uint64_t start) {
    constexpr std::ptrdiff_t count = 2;
    const std::vector<Output>& outputs = sampler.spec().outputs;
    std::vector<std::vector<char>> values;
    std::vector<void*> pointers;
    for (const Output& output : outputs) {
        values.emplace_back(output.bytes() * count);
        pointers.push_back(values.back().data());
    }
    sampler.sample(seed, start, count, pointers, 1);
    std::int32_t label[count];
    std::memcpy(label, values[sampler.spec().index_of("label")].data(), sizeof label);
    for (const std::int32_t l : label) {
        check(l >= 0 && l < sampler.n_classes(), "a label numbers a class");
    }
}

// What only particles have: rings, and what they are drawn from.
void draw_particles(const Plan& plan, const Sampler& sampler) {
    const auto n_views = static_cast<std::size_t>(sampler.n_views());
    constexpr std::ptrdiff_t count = 2;
    for (const DensityRing& ring : sampler.particle(3, 5)) {
        check(ring.x.size() >= 3 && ring.x.size() == ring.y.size(), "a ring has corners");
    }
    std::vector<float> views(count * n_views * static_cast<std::size_t>(sampler.n_bins()));
    std::vector<std::int32_t> label(count);
    const auto n_features = static_cast<std::size_t>(sampler.n_features());
    std::vector<float> outline(3 * count);
    std::vector<float> features(4 * n_features * count);
    std::vector<double> placements(3 * n_features * count);
    std::vector<float> view_normals(2 * n_views * count);
    sampler.draws(1, 0, count, {label.data(), outline.data(), features.data(), placements.data(), view_normals.data()});
    const bool particles =
        std::all_of(plan.classes.begin(), plan.classes.end(), [](const auto& one) { return one.scene == nullptr; });
    if (!plan.camera && particles) {
        const int last = static_cast<int>(sampler.n_classes()) - 1;
        sampler.redraw(1, 0, count, last, outline.data(), features.data(), view_normals.data(), 2, 1, views.data(), 1);
    }
}

void draw_from(const std::string& packed, const Plan& plan) {
    const Sampler sampler(packed);
    for (const std::uint64_t start : {std::uint64_t{0}, ~std::uint64_t{0} - 1}) {
        draw_samples(sampler, start, start);
    }
    if (!plan.has_no_rings()) {
        draw_particles(plan, sampler);
    }
    const auto [low, high] = sampler.calibrate(2, 1);
    check(low <= high || (std::isnan(low) && std::isnan(high)), "bounds of the data set");
}

Outcome outcome_of(const std::string& packed) {
    std::unique_ptr<const Plan> plan;
    const std::size_t before = bytes_asked_for;
    try {
        plan = compile(packed);
    } catch (const std::invalid_argument&) {
        check(bytes_asked_for - before < 128 * mebibyte, "memory for a recipe that is refused");
        return Outcome::refused;
    }
    check(bytes_asked_for - before < 128 * mebibyte, "memory for a recipe");
    const std::size_t sample_bytes = plan->detector.views.size() * static_cast<std::size_t>(plan->detector.n_bins) * sizeof(float);
    const std::size_t scratch = floats_of([&](Arena& arena) { return take_sample_scratch(arena, *plan); }) * sizeof(float);
    check(scratch <= (plan->camera ? 320 : 128) * mebibyte + 6 * sample_bytes, "working memory for a recipe");
    if (!quick_to_draw(*plan)) {
        return Outcome::unpacked;
    }
    draw_from(packed, *plan);
    return Outcome::drawn;
}

// Good recipes of all kinds.
void read_known_answers(const std::string& folder, std::vector<Numbers>& seeds) {
    for (const auto& [name, numbers] : recipes_in(folder + "/packed_recipes.txt", "packed")) {
        seeds.push_back(numbers_in(numbers));
    }
}

// Tries each entry of the corpus, and keeps those to be changed: the smaller ones in numbers, all in wire bytes.
void try_corpus(const std::string& path, std::vector<Numbers>& seeds, std::vector<std::string>& in_wire) {
    std::ifstream file(path);
    int n_entries = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#') {
            continue;
        }
        const std::size_t space = line.find(' ');
        const std::size_t colon = line.find(':');
        const std::string expected = line.substr(0, space);
        const std::string contents = line.substr(colon + 2);
        const bool is_wire = contents.rfind("wire ", 0) == 0;
        const Numbers numbers = is_wire ? Numbers() : numbers_in(contents);
        const std::string bytes = is_wire ? bytes_of_hex(contents.substr(5)) : bytes_of(numbers);
        const Outcome outcome = outcome_of(bytes);
        check((expected == "refused") == (outcome == Outcome::refused), line.substr(0, colon));
        check(!is_wire || expected != "drawn" || outcome == Outcome::drawn, line.substr(0, colon) + " is quick to draw");
        if (is_wire) {
            in_wire.push_back(bytes);
        } else if (numbers.size() < 200) {
            seeds.push_back(numbers);
        }
        ++n_entries;
    }
    check(n_entries > 50, "the corpus was found at " + path);
    check(in_wire.size() > 5, "the corpus has recipes in wire bytes");
}

// Numbers in wire bytes; those that are refused before they are any, are left out.
void add_in_wire(const std::vector<Numbers>& seeds, std::vector<std::string>& found) {
    for (const Numbers& seed : seeds) {
        try {
            found.push_back(wire::from_packed(bytes_of(seed)));
        } catch (const std::invalid_argument&) {
            continue;
        }
    }
}

// Fields of bodies, lattices and scattering, which packed numbers cannot tell. Each is good as it stands.
void add_fields(const std::string& folder, std::vector<std::string>& in_wire) {
    for (const char* file : {"/field_v1.txt", "/lattice_v1.txt", "/scattering_v1.txt"}) {
        for (const auto& [name, digits] : recipes_in(folder + file, "wire")) {
            in_wire.push_back(bytes_of_hex(digits));
            check(outcome_of(in_wire.back()) == Outcome::drawn, file + (" " + name));
        }
    }
}

void fuzz(const std::vector<Numbers>& seeds, const std::vector<std::string>& in_wire, long first, long n_runs) {
    long count[3] = {};
    for (long run = first; run < first + n_runs; ++run) {
        current_run = static_cast<std::sig_atomic_t>(run);
        const int failures_before = failures;
        Mutator mutator(seeds, static_cast<std::uint64_t>(run));
        const std::string& seed = in_wire[static_cast<std::size_t>(run / 2) % in_wire.size()];
        ++count[static_cast<int>(outcome_of(run % 2 == 0 ? mutator.mutated() : mutator.mutated(seed)))];
        if (failures != failures_before) {
            std::printf("in run %ld\n", run);
        }
    }
    std::printf("%ld runs: %ld refused, %ld unpacked, %ld drawn from\n", n_runs, count[0], count[1], count[2]);
    check(n_runs < 500 || (count[0] > n_runs / 20 && count[2] > n_runs / 20), "runs of both outcomes");
}

}  // namespace
}  // namespace nanotilt::tests

#if defined(__linux__)
// A sanitiser ends the process without a signal.
extern "C" [[gnu::weak]] void __sanitizer_set_death_callback(void (*callback)());
#endif

int main(int n_arguments, char** arguments) {
    using namespace nanotilt::tests;
    if (n_arguments < 3 || n_arguments > 5) {
        std::printf("usage: fuzz_recipes FOLDER_OF_KNOWN_ANSWERS CORPUS [RUNS [FIRST_RUN]]\n");
        return EXIT_FAILURE;
    }
    for (const int number : {SIGSEGV, SIGFPE, SIGABRT, SIGILL}) {
        std::signal(number, on_signal);
    }
#if defined(__linux__)
    if (__sanitizer_set_death_callback != nullptr) {
        __sanitizer_set_death_callback(tell_current_run);
    }
#endif
    try {
        std::vector<Numbers> seeds;
        std::vector<std::string> in_wire;
        try_corpus(arguments[2], seeds, in_wire);
        read_known_answers(arguments[1], seeds);
        add_in_wire(seeds, in_wire);
        add_fields(arguments[1], in_wire);
        fuzz(seeds, in_wire, n_arguments > 4 ? std::atol(arguments[4]) : 0, n_arguments > 3 ? std::atol(arguments[3]) : 2000);
    } catch (const std::exception& error) {
        tell_current_run();
        std::printf("error: %s\n", error.what());
        return EXIT_FAILURE;
    }
    std::printf("%d passed, %d failed\n", passes, failures);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
