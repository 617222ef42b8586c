#include "atom_imaging.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "../wire/fields.hpp"

namespace nanotilt {
namespace {

constexpr double largest_count = 1e9;
constexpr double least_count = 1e-6;
constexpr double largest_shift = 100.0;

std::array<double, 2> read_counts(wire::Fields& instrument, std::string_view name) {
    const auto pair = instrument.pair(name);
    const std::array<double, 2> counts{pair[0], pair[1]};
    const bool none = counts[0] == 0.0 && counts[1] == 0.0;
    if (!none && !(counts[0] >= least_count && counts[0] <= counts[1] && counts[1] <= largest_count)) {
        wire::refuse(instrument.place(name), "(least, most) of 1e-6 to 1e9, or 0 and 0",
                     std::to_string(counts[0]) + ", " + std::to_string(counts[1]));
    }
    return counts;
}

void read_probe(wire::Fields& instrument, AtomPlan& p) {
    const wire::List sigmas = instrument.list("sigmas", 2, static_cast<std::size_t>(2 * probe_terms_limit));
    sigmas.for_each([&](const wire::Value& value, const wire::Place& at) {
        const double sigma = wire::number_at(value, at);
        if (!(sigma >= 0.2 && sigma <= 10.0)) {
            wire::refuse(at, "0.2 to 10 angstrom", std::to_string(sigma));
        }
        p.sigma[static_cast<std::size_t>(at.index / 2)][static_cast<std::size_t>(at.index % 2)] = sigma;
    });
    p.n_terms = static_cast<int>(sigmas.size() / 2);
    const wire::List shares = instrument.list("shares", 1, probe_terms_limit);
    if (sigmas.size() % 2 != 0 || shares.size() != static_cast<std::size_t>(p.n_terms)) {
        wire::refuse(instrument.place("shares"), "as many as pairs of sigmas", std::to_string(shares.size()));
    }
    double total = 0.0;
    shares.for_each([&](const wire::Value& value, const wire::Place& at) {
        const double share = wire::number_at(value, at);
        if (!(share >= 0.0 && share <= 1e6)) {
            wire::refuse(at, "0 to 1e6", std::to_string(share));
        }
        p.share[static_cast<std::size_t>(at.index)] = share;
        total += share;
    });
    if (!(total > 0.0)) {
        wire::refuse(instrument.place("shares"), "one above 0", "0 for all");
    }
    for (int k = 0; k < p.n_terms; ++k) {
        const auto term = static_cast<std::size_t>(k);
        p.share[term] /= total;
        if (p.sigma[term][0] > p.sigma[term][1]) {
            wire::refuse(instrument.place("sigmas"), "pairs (least, most)", "least above most");
        }
    }
}

}  // namespace

int half_window(double sigma_px) {
    return static_cast<int>(std::ceil(4.0 * sigma_px));
}

int AtomPlan::widest_half() const {
    double widest = 0.0;
    for (int k = 0; k < n_terms; ++k) {
        widest = std::max(widest, sigma[static_cast<std::size_t>(k)][1]);
    }
    return half_window(widest / pixel);
}

AtomPlan read_dark_field(wire::Fields& instrument, DetectorPlan& d) {
    AtomPlan p{};
    p.n_pixels = instrument.integer("n_pixels", least_patch_pixels, patch_pixels_limit);
    p.pixel = instrument.within("pixel_angstrom", 0.05, 2.0);
    d.n_bins = static_cast<int>(p.n_values());
    d.bins_per_length = 1.0F;
    d.sampling = Sampling::bin;
    d.blur_weights = {1.0F};
    d.views.assign(1, ViewAngle{0.0F, 0.0F, 1.0F});
    d.n_noise_groups = 0;
    instrument.list("weights", n_elements, n_elements).for_each([&](const wire::Value& value, const wire::Place& at) {
        const double weight = wire::number_at(value, at);
        if (!(weight >= 0.0 && weight <= 1e6)) {
            wire::refuse(at, "0 to 1e6", std::to_string(weight));
        }
        p.weights[static_cast<std::size_t>(at.index)] = weight;
    });
    read_probe(instrument, p);
    const auto background = instrument.pair("background");
    p.background = {background[0], background[1]};
    if (!(p.background[0] >= 0.0 && p.background[0] <= p.background[1] && p.background[1] <= 1e6)) {
        wire::refuse(instrument.place("background"), "(least, most) of 0 to 1e6", std::to_string(p.background[0]));
    }
    p.counts = read_counts(instrument, "counts");
    p.counting = static_cast<Counting>(instrument.choice("counting", {"exact", "fast"}));
    p.jitter_px = instrument.within("jitter_px", 0.0, largest_shift);
    p.drift_px = instrument.within("drift_px", 0.0, largest_shift);
    p.flyback_px = instrument.within("flyback_px", -largest_shift, largest_shift);
    p.flyback_columns = instrument.within("flyback_columns", 0.1, 1e6);
    p.readout_noise = static_cast<float>(instrument.within("readout_noise", 0.0, 1e6));
    p.saturation = static_cast<float>(instrument.within("saturation", 0.0, 1e9));
    return p;
}

std::vector<std::array<int, 2>> crystal_waves(const LatticePlan& lattice, const AtomPlan& atoms) {
    // exp(-2 pi^2 sigma^2 g^2) falls to 2e-5 at g = 0.741 / sigma; strain and tilt lengthen or shorten g by less than a quarter.
    double narrowest = 1e6;
    for (int k = 0; k < atoms.n_terms; ++k) {
        narrowest = std::min(narrowest, atoms.sigma[static_cast<std::size_t>(k)][0]);
    }
    const double furthest = 0.741 / narrowest * 1.25;
    struct Wave {
        double length2;
        std::array<int, 2> hk;
    };
    std::vector<Wave> waves;
    const int most = static_cast<int>(furthest * lattice.a) + 2;
    for (int h = 0; h <= most; ++h) {
        for (int k = -most; k <= most; ++k) {
            // In units of 4 / (3 a^2).
            const double length2 = h * h + k * k - h * k;
            const bool half = h > 0 || k > 0;
            if (half && 4.0 / 3.0 * length2 <= furthest * furthest * lattice.a * lattice.a) {
                waves.push_back({length2, {h, k}});
            }
        }
    }
    if (waves.size() > crystal_waves_limit) {
        throw std::invalid_argument(
            "recipe: sigmas must be so large, and the crystal's cell so small, that <= " + std::to_string(crystal_waves_limit) +
            " waves make it. Received: " + std::to_string(waves.size()) + " of them");
    }
    std::stable_sort(waves.begin(), waves.end(), [](const Wave& one, const Wave& other) { return one.length2 < other.length2; });
    std::vector<std::array<int, 2>> sorted;
    sorted.reserve(waves.size());
    for (const Wave& wave : waves) {
        sorted.push_back(wave.hk);
    }
    return sorted;
}

}  // namespace nanotilt
