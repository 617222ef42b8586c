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
#include "core/blur.hpp"
#include "core/dispatch.hpp"
#include "core/elementary.hpp"
#include "core/projection.hpp"
#include "core/sampler.hpp"

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

std::vector<double> numbers(const std::string& text) {
    std::vector<double> values;
    const char* at = text.c_str();
    char* end = nullptr;
    for (double value = std::strtod(at, &end); end != at; value = std::strtod(at, &end)) {
        values.push_back(value);
        at = end;
    }
    return values;
}

template <class T>
void add(Sha256& digest, const std::vector<T>& values) {
    digest.add(values.data(), values.size() * sizeof(T));
}

std::string bytes_of(const std::vector<double>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)};
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

// The bounds that normalise a data set are measured on the calibration stream of the same recipe with bounds 0 and 1.
void check_calibration(std::vector<double> packed, const Answers& known, int n_threads, const std::string& where) {
    constexpr std::size_t low = 13;  // places in a packed recipe, see core/recipe.hpp
    constexpr std::size_t high = low + 1;
    const std::vector<double> expected{packed[low], packed[high]};
    packed[low] = 0.0;
    packed[high] = 1.0;
    const auto measured = Sampler(bytes_of(packed)).calibrate(std::atol(known.at("calibration_samples").c_str()), n_threads);
    check(std::vector<double>{measured.first, measured.second} == expected, "bounds of " + where);
}

void check_recipe(const Answers& known, const std::vector<Range>& ranges) {
    const std::vector<double> packed = numbers(known.at("packed"));
    const Sampler sampler(bytes_of(packed));
    for (const int n_threads : {1, 2, 5}) {
        const std::string where = "'" + known.at("recipe") + "', threads: " + std::to_string(n_threads);
        check_samples(sampler, ranges, known, n_threads, where);
        check_bare_kernels(sampler, known, n_threads, where);
    }
    check_rings(sampler, ranges, known, "'" + known.at("recipe") + "'");
    if (known.count("calibration_samples") != 0) {
        check_calibration(packed, known, 2, "'" + known.at("recipe") + "'");
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
    active_kernels().normals({philox_key(seed), 0, index}, static_cast<Purpose>(purpose), n_groups, normals.data());
    Sha256 digest;
    add(digest, normals);
    check(digest.finish() == expected, "normals " + line);
}

// Returns how many recipes the file has.
int check_file(const std::string& path) {
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
            check_recipe(recipe, ranges);
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
    const int n_detector = check_file(folder + "/stream_v" + std::to_string(stream_version) + ".txt");
    const int n_camera = check_file(folder + "/camera_v" + std::to_string(camera_version) + ".txt");
    std::printf("known answers: %d recipes\n", n_detector + n_camera);
}

}  // namespace nanotilt::tests
