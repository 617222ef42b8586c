// This build's bits against those that Python has written down (tests/python/cases/core_answers.py), so that any compiler and
// processor can be judged without Python.
#include <array>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "checks.hpp"
#include "core/base/elementary.hpp"
#include "core/geometry/blur.hpp"
#include "core/geometry/projection.hpp"
#include "core/program/plan.hpp"
#include "core/program/sample_kernels.hpp"
#include "core/program/sampler.hpp"
#include "core/simd/choose.hpp"
#include "core/wire/writer.hpp"
#include "recipe_files.hpp"

namespace nanotilt::tests {
namespace {

struct Range {
    std::uint64_t seed;
    std::uint64_t start;
    std::ptrdiff_t count;
    std::uint64_t n_particles;  // of which the rings are digested
};

// What follows the first word of each line, by that word.
using Answers = std::map<std::string, std::string>;

template <class T>
void add(Sha256& digest, const std::vector<T>& values) {
    digest.add(values.data(), values.size() * sizeof(T));
}

void check_samples(const Sampler& sampler, const std::vector<Range>& ranges, const Answers& known, int n_threads,
                   const std::string& where) {
    Sha256 views_digest;
    Sha256 label_digest;
    Sha256 angle_digest;
    for (const Range& range : ranges) {
        const auto n_angles = static_cast<std::size_t>(range.count * sampler.n_views());
        std::vector<float> views(n_angles * static_cast<std::size_t>(sampler.n_bins()));
        std::vector<std::int32_t> label(static_cast<std::size_t>(range.count));
        std::vector<float> angle(n_angles);
        sampler.sample(range.seed, range.start, range.count, std::array<void*, 3>{views.data(), label.data(), angle.data()},
                       n_threads);
        add(views_digest, views);
        add(label_digest, label);
        add(angle_digest, angle);
    }
    check(views_digest.finish() == known.at("views"), "views of " + where);
    check(label_digest.finish() == known.at("label"), "labels of " + where);
    check(angle_digest.finish() == known.at("angle_rad"), "angles of " + where);
}

std::vector<float> corners_of(const DensityRing& ring) {
    std::vector<float> corners;
    for (std::size_t i = 0; i < ring.x.size(); ++i) {
        corners.push_back(ring.x[i]);
        corners.push_back(ring.y[i]);
    }
    return corners;
}

void check_rings(const Sampler& sampler, const std::vector<Range>& ranges, const Answers& known, const std::string& where) {
    Sha256 digest;
    for (const Range& range : ranges) {
        for (std::uint64_t index = range.start; index < range.start + range.n_particles; ++index) {
            for (const DensityRing& ring : sampler.particle(range.seed, index)) {
                add(digest, corners_of(ring));
            }
        }
    }
    check(digest.finish() == known.at("rings"), "rings of " + where);
}

// The bare kernels on the rings of a few particles; core_answers.py asks for the same projections.
void check_bare_kernels(const Sampler& sampler, const Answers& known, int n_threads, const std::string& where) {
    constexpr std::ptrdiff_t n_angles = 9;
    constexpr int n_bins = 33;
    std::vector<double> angles_rad;
    for (std::ptrdiff_t i = 0; i < n_angles; ++i) {
        angles_rad.push_back(static_cast<double>(i) * pi / n_angles);
    }
    Sha256 digest;
    for (std::uint64_t index = 0; index < 3; ++index) {
        const std::vector<DensityRing> rings = sampler.particle(7, index);
        std::vector<std::vector<float>> corners;
        std::vector<RingInput> inputs;
        for (const DensityRing& ring : rings) {
            corners.push_back(corners_of(ring));
            inputs.push_back({corners.back().data(), static_cast<int>(ring.x.size()), ring.density});
        }
        for (const Sampling sampling : {Sampling::ray, Sampling::bin}) {
            std::vector<float> seen(n_angles * n_bins);
            project(inputs, {n_bins, -2.0, 1.75, 0.25, -0.125, sampling}, angles_rad.data(), n_angles, seen.data(), n_threads);
            add(digest, seen);
            for (const double sigma : {0.5, 1.75, 20.0}) {
                std::vector<float> blurred(seen.size());
                gaussian_blur(seen.data(), n_angles, n_bins, sigma, blurred.data(), n_threads);
                add(digest, blurred);
            }
        }
    }
    check(digest.finish() == known.at("kernels"), "bare projections and blur of " + where);
}

// Where the two bounds of a recipe stand in its wire bytes, each nine bytes long with what tells that it is a double.
std::size_t place_of_bounds(const std::string& recipe) {
    const std::string before =
        "\x66"
        "bounds"
        "\x82";
    const std::size_t place = recipe.find(before);
    if (place == std::string::npos) {
        throw std::runtime_error("a recipe has no bounds");
    }
    return place + before.size();
}

// The bounds that normalise a data set are measured on the calibration stream of the same recipe with bounds 0 and 1.
void check_calibration(std::string recipe, const Answers& known, int n_threads, const std::string& where) {
    const auto bounds = [](double low, double high) {
        return wire::Writer().number(low).number(high).bytes().substr(wire::magic.size());
    };
    const std::string unit = bounds(0.0, 1.0);
    const std::string expected = recipe.substr(place_of_bounds(recipe), unit.size());
    recipe.replace(place_of_bounds(recipe), unit.size(), unit);
    const auto [low, high] = Sampler(recipe).calibrate(std::atol(known.at("calibration_samples").c_str()), n_threads);
    check(bounds(low, high) == expected, "bounds of " + where);
}

void check_recipe(const Answers& known, const std::vector<Range>& ranges, const std::map<std::string, std::string>& packed) {
    const std::string name = known.at("recipe");
    const std::string recipe = bytes_of_hex(known.at("wire"));
    const Sampler sampler(recipe);
    for (const int n_threads : {1, 2, 5}) {
        const std::string where = "'" + name + "', threads: " + std::to_string(n_threads);
        check_samples(sampler, ranges, known, n_threads, where);
        check_bare_kernels(sampler, known, n_threads, where);
    }
    check_rings(sampler, ranges, known, "'" + name + "'");
    if (known.count("calibration_samples") != 0) {
        check_calibration(recipe, known, 2, "'" + name + "'");
    }
    if (packed.count(name) != 0) {
        check_samples(Sampler(bytes_of(numbers_in(packed.at(name)))), ranges, known, 2, "'" + name + "' as it was packed");
    }
}

void check_normals(const std::string& line) {
    std::istringstream words(line);
    std::uint64_t seed = 0;
    std::uint64_t index = 0;
    std::uint32_t purpose = 0;
    std::ptrdiff_t n_groups = 0;
    std::string expected;
    words >> seed >> index >> purpose >> n_groups >> expected;
    std::vector<float> normals(static_cast<std::size_t>(n_groups * normals_per_group));
    active_kernels().samples.normals({philox_key(seed), 0, index}, static_cast<Purpose>(purpose), n_groups, normals.data());
    Sha256 digest;
    add(digest, normals);
    check(digest.finish() == expected, "normals " + line);
}

// Returns how many recipes the file has.
int check_file(const std::string& path, const std::map<std::string, std::string>& packed) {
    std::ifstream file(path);
    std::vector<Range> ranges;
    Answers recipe;
    int n_recipes = 0;
    for (std::string line; std::getline(file, line);) {
        const std::size_t space = line.find(' ');
        const std::string word = line.substr(0, space);
        const std::string rest = space == std::string::npos ? "" : line.substr(space + 1);
        if (word == "range") {
            Range range{};
            std::istringstream(rest) >> range.seed >> range.start >> range.count >> range.n_particles;
            ranges.push_back(range);
        } else if (word == "normals") {
            check_normals(rest);
        } else if (word == "end") {
            check_recipe(recipe, ranges, packed);
            recipe.clear();
            ++n_recipes;
        } else {
            recipe[word] = rest;
        }
    }
    if (n_recipes == 0 || ranges.empty()) {
        throw std::runtime_error("no known answers could be read from " + path);
    }
    return n_recipes;
}

}  // namespace

void test_known_answers(const std::string& folder) {
    Sha256 digest;
    digest.add("abc", 3);
    check(digest.finish() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
          "SHA-256 of its standard's example");
    const std::map<std::string, std::string> packed = recipes_in(folder + "/packed_recipes.txt", "packed");
    const int n_detector = check_file(folder + "/stream_v" + std::to_string(stream_version) + ".txt", packed);
    const int n_camera = check_file(folder + "/camera_v" + std::to_string(camera_version) + ".txt", packed);
    std::printf("known answers: %d recipes\n", n_detector + n_camera);
}

}  // namespace nanotilt::tests
