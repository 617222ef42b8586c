// This build's fields of bodies, lattices and scattering against the known answers of every output, which Python has written down.
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "checks.hpp"
#include "core/program/sampler.hpp"
#include "recipe_files.hpp"

namespace nanotilt::tests {
namespace {

struct FieldAnswers {
    std::string name;
    std::string wire;
    std::uint64_t seed = 0;
    std::uint64_t start = 0;
    std::ptrdiff_t count = 0;
    std::map<std::string, std::string> digests;  // by the output's name
};

void check_outputs(const FieldAnswers& known, int n_threads) {
    const Sampler sampler(bytes_of_hex(known.wire));
    const std::vector<Output>& outputs = sampler.spec().outputs;
    std::vector<std::vector<char>> values;
    std::vector<void*> pointers;
    for (const Output& output : outputs) {
        values.emplace_back(output.bytes() * static_cast<std::size_t>(known.count));
    }
    for (std::vector<char>& one : values) {
        pointers.push_back(one.data());
    }
    sampler.sample(known.seed, known.start, known.count, pointers, n_threads);
    std::size_t compared = 0;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const auto digest = known.digests.find(outputs[i].name);
        if (digest == known.digests.end()) {
            continue;
        }
        Sha256 found;
        found.add(values[i].data(), values[i].size());
        check(found.finish() == digest->second,
              outputs[i].name + " of '" + known.name + "', threads: " + std::to_string(n_threads));
        ++compared;
    }
    check(compared == known.digests.size() && compared > 0, "all known outputs of '" + known.name + "' are drawn");
}

void test_answers_of(const std::string& path) {
    std::ifstream file(path);
    FieldAnswers known;
    int n_recipes = 0;
    for (std::string line; std::getline(file, line);) {
        const std::size_t space = line.find(' ');
        const std::string word = line.substr(0, space);
        const std::string rest = space == std::string::npos ? "" : line.substr(space + 1);
        if (word == "recipe") {
            known = {};
            known.name = rest;
        } else if (word == "wire") {
            known.wire = rest;
        } else if (word == "range") {
            std::istringstream(rest) >> known.seed >> known.start >> known.count;
        } else if (word == "output") {
            const std::size_t end = rest.find(' ');
            known.digests[rest.substr(0, end)] = rest.substr(end + 1);
        } else if (word == "end") {
            for (const int n_threads : {1, 2, 5}) {
                check_outputs(known, n_threads);
            }
            ++n_recipes;
        }
    }
    if (n_recipes == 0) {
        throw std::runtime_error("no known answers could be read from " + path);
    }
    std::printf("%s: %d recipes\n", path.c_str(), n_recipes);
}

}  // namespace

void test_field_answers(const std::string& folder) {
    for (const char* name : {"/field_v1.txt", "/lattice_v1.txt", "/scattering_v1.txt"}) {
        test_answers_of(folder + name);
    }
}

}  // namespace nanotilt::tests
