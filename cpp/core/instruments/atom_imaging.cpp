#include "atom_imaging.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "../base/elementary.hpp"
#include "../base/layout.hpp"
#include "../wire/fields.hpp"

namespace nanotilt {
namespace {

constexpr double largest_shift = 100.0;

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

/// What both kinds of instrument have.
AtomPlan read_atom_image(wire::Fields& instrument, DetectorPlan& d) {
    AtomPlan p{};
    p.n_pixels = instrument.integer("n_pixels", least_patch_pixels, patch_pixels_limit);
    p.pixel = instrument.within("pixel_angstrom", 0.05, 2.0);
    d.n_bins = static_cast<int>(p.n_values());
    d.bins_per_length = 1.0F;
    d.sampling = Sampling::bin;
    d.blur_weights = {1.0F};
    d.views.assign(1, ViewAngle{0.0F, 0.0F, 1.0F});
    d.n_noise_groups = 0;
    p.counts = read_dose(instrument, "counts");
    p.log_counts = p.counted() ? log_double(p.counts[1] / p.counts[0]) : 0.0;
    p.counting = static_cast<Counting>(instrument.choice("counting", {"exact", "fast"}));
    p.readout_noise = static_cast<float>(instrument.within("readout_noise", 0.0, 1e6));
    p.saturation = static_cast<float>(instrument.within("saturation", 0.0, 1e9));
    return p;
}

/// Numbers of all elements, `each` of one after the other.
template <class Use>
void read_numbers_of_elements(wire::Fields& instrument, std::string_view name, std::size_t each, double low, double high,
                              const Use& use) {
    const std::size_t n = static_cast<std::size_t>(n_elements) * each;
    instrument.list(name, n, n).for_each([&](const wire::Value& value, const wire::Place& at) {
        const double number = wire::number_at(value, at);
        if (!(number >= low && number <= high)) {
            wire::refuse(at, std::to_string(low) + " to " + std::to_string(high), std::to_string(number));
        }
        use(static_cast<std::size_t>(at.index) / each, static_cast<std::size_t>(at.index) % each, number);
    });
}

/// Modes of the period, and what an atom of each element has of them.
void find_modes(const AtomPlan& p, BrightPlan& b) {
    constexpr double widest_window = 26.0;  // a defect's displacements end at nine bonds of 1.42 angstrom
    constexpr double far = 6.0;             // what is seen of an atom from further away is left out
    b.window = std::min(p.n_pixels, static_cast<int>(std::ceil(widest_window / p.pixel)));
    b.period = b.window + 2 * static_cast<int>(std::ceil(far / p.pixel));
    const double step = 1.0 / (b.period * p.pixel);
    // The modes end where the envelope of the least focal spread has 1 %, and potentials have fallen to a sixth.
    const double furthest = b.furthest * 0.84;
    const auto most = static_cast<int>(furthest / step);
    for (int row = 0; row <= most; ++row) {
        b.reach.push_back(static_cast<int>(std::sqrt(furthest * furthest / (step * step) - row * row)));
        b.first_mode.push_back(static_cast<int>(b.frequency2.size()));
        for (int a = 0; a < padded(b.reach.back() + 1); ++a) {
            b.frequency2.push_back(static_cast<float>(step * step * (static_cast<double>(a) * a + static_cast<double>(row) * row)));
            double share = a <= b.reach.back() ? 1.0 : 0.0;
            share *= (a == 0 ? 0.5 : 1.0) * (row == 0 ? 0.5 : 1.0);
            share = a == 0 && row == 0 ? 0.0 : share;  // the mean, which is seen nowhere
            for (int element = 0; element < n_elements; ++element) {
                const double potential =
                    share == 0.0 ? 0.0 : share * b.potential_at(element, static_cast<double>(b.frequency2.back()));
                b.potential[static_cast<std::size_t>(element)].push_back(static_cast<float>(potential));
            }
        }
    }
    b.first_mode.push_back(static_cast<int>(b.frequency2.size()));
    const auto width = static_cast<std::size_t>(padded(b.window));
    b.cosine.resize(static_cast<std::size_t>(most + 1) * width);
    b.sine.resize(b.cosine.size());
    for (int a = 0; a <= most; ++a) {
        for (int i = 0; i < b.window; ++i) {
            const SinCosDouble turn = sincos_double(2.0 * pi * (a * i % b.period) / b.period);
            b.cosine[static_cast<std::size_t>(a) * width + static_cast<std::size_t>(i)] = static_cast<float>(turn.cos);
            b.sine[static_cast<std::size_t>(a) * width + static_cast<std::size_t>(i)] = static_cast<float>(turn.sin);
        }
    }
}

}  // namespace

double BrightPlan::potential_at(int element, double q2) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < 5; ++i) {
        const double share = 1.0 / (1.0 + b[static_cast<std::size_t>(element)][i] * q2);
        sum += a[static_cast<std::size_t>(element)][i] * (share + share * share);
    }
    return sum * exp_double(-2.0 * pi * pi * q2 * (vibration * vibration + camera_sigma * camera_sigma));
}

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
    AtomPlan p = read_atom_image(instrument, d);
    read_numbers_of_elements(instrument, "weights", 1, 0.0, 1e6,
                             [&](std::size_t element, std::size_t, double weight) { p.weights[element] = weight; });
    read_probe(instrument, p);
    p.background = instrument.range("background", 0.0, 1e6);
    p.jitter_px = instrument.within("jitter_px", 0.0, largest_shift);
    p.drift_px = instrument.within("drift_px", 0.0, largest_shift);
    p.flyback_px = instrument.within("flyback_px", -largest_shift, largest_shift);
    p.flyback_columns = instrument.within("flyback_columns", 0.1, 1e6);
    double narrowest = 1e6;
    for (int k = 0; k < p.n_terms; ++k) {
        narrowest = std::min(narrowest, p.sigma[static_cast<std::size_t>(k)][0]);
    }
    // exp(-2 pi^2 sigma^2 g^2) falls to 2e-5 at g = 0.741 / sigma.
    p.furthest = 0.741 / narrowest;
    return p;
}

AtomPlan read_bright_field(wire::Fields& instrument, DetectorPlan& d) {
    constexpr double furthest_of_all = 1.2;  // where the potential of a light atom has fallen to a tenth
    AtomPlan p = read_atom_image(instrument, d);
    BrightPlan b{};
    b.second_order = instrument.boolean("second_order");
    b.wavelength = instrument.within("wavelength", 1e-3, 1.0);
    b.phase_of_potential = instrument.within("phase_of_potential", 1e-6, 1.0);
    read_numbers_of_elements(instrument, "lobato_a", 5, -1e6, 1e6,
                             [&](std::size_t element, std::size_t i, double value) { b.a[element][i] = value; });
    read_numbers_of_elements(instrument, "lobato_b", 5, 0.0, 1e6,
                             [&](std::size_t element, std::size_t i, double value) { b.b[element][i] = value; });
    b.defocus = instrument.range("defocus", -1e5, 1e5);
    b.spherical = instrument.range("spherical", -1e8, 1e8);
    b.focal_spread = instrument.range("focal_spread", 0.0, 1e4);
    b.convergence = instrument.range("convergence", 0.0, 0.1);
    b.vibration = instrument.within("vibration", 0.0, 1.0);
    b.camera_sigma = instrument.within("camera_sigma", 0.0, 10.0);
    // The focal spread's envelope, exp(-(pi lambda delta q^2)^2 / 2), falls to 1e-4 where its exponent is 9.2, and has 1 % at 0.84
    // of that frequency.
    const double spread = pi * b.wavelength * b.focal_spread[0];
    b.furthest = std::min(furthest_of_all, spread > 0.0 ? std::sqrt(std::sqrt(18.4) / spread) : furthest_of_all);
    find_modes(p, b);
    p.furthest = b.furthest;
    p.bright = std::move(b);
    return p;
}

std::vector<std::array<int, 2>> crystal_waves(const LatticePlan& lattice, const AtomPlan& atoms) {
    // Strain and tilt lengthen or shorten g by less than a quarter.
    const double furthest = 1.25 * atoms.furthest;
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
    std::sort(waves.begin(), waves.end(), [](const Wave& one, const Wave& other) {
        return one.length2 != other.length2 ? one.length2 < other.length2 : one.hk < other.hk;
    });
    std::vector<std::array<int, 2>> sorted;
    sorted.reserve(waves.size());
    for (const Wave& wave : waves) {
        sorted.push_back(wave.hk);
    }
    return sorted;
}

}  // namespace nanotilt
