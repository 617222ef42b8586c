#include "draws.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "../../base/elementary.hpp"
#include "../../base/random_numbers.hpp"

namespace nanotilt {
namespace {

/// Objects of Purpose::scattering.
enum ScatteringObject : std::uint32_t { sample_object, diffuse_object, background_object, defects_object, part_object = 16 };

/// Numbers by their place among the words of one object: each has its own, whether it is used or not.
class Words {
   public:
    Words(const StreamPosition& at, Purpose purpose, std::uint32_t object) : at_(at), purpose_(purpose), object_(object) {}

    [[nodiscard]] double u(int place) {
        const auto block = static_cast<std::uint32_t>(place / 4);
        if (!any_ || block != block_) {
            words_ = random_words(at_, purpose_, block, object_);
            block_ = block;
            any_ = true;
        }
        return uniform_of(words_.w[place % 4]);
    }
    [[nodiscard]] double u(int place, double low, double high) { return low + (high - low) * u(place); }
    [[nodiscard]] bool chance(int place, double p) { return u(place) < p; }
    [[nodiscard]] int below(int place, int n) { return std::min(static_cast<int>(u(place) * n), n - 1); }
    [[nodiscard]] double power10(int place, double low, double high) {
        constexpr double ln10 = 2.302585092994045684;
        return exp_double(ln10 * u(place, low, high));
    }
    /// A standard normal from this place and the next one.
    [[nodiscard]] double normal(int place) {
        const double radius = std::sqrt(-2.0 * log_double(u(place)));
        return radius * sincos_double(2.0 * pi * u(place + 1)).cos;
    }

   private:
    StreamPosition at_;
    Purpose purpose_;
    std::uint32_t object_;
    PhiloxWords words_{};
    std::uint32_t block_ = 0;
    bool any_ = false;
};

double nearest_integer(double x) {
    const double magic = 6755399441055744.0;  // 1.5 * 2^52; halves go to even numbers
    return (x + magic) - magic;
}

/// Places of the words of Purpose::scattering_run.
void draw_run(const ScatteringPlan& plan, const StreamPosition& at, DrawnRun& run) {
    run.number = static_cast<std::int64_t>(at.index / static_cast<std::uint64_t>(plan.images_per_run));
    StreamPosition of_run = at;
    of_run.index = static_cast<std::uint64_t>(run.number);
    Words w(of_run, Purpose::scattering_run, 0);
    run.x = w.u(0, -0.05, 1.05);
    run.y = w.u(1, -0.05, 1.05);
    run.beam_x = w.u(2, 4.0, 10.0);
    run.beam_y = w.u(3, 2.0, 5.0);
    const bool on_frame = run.x >= 0.0 && run.x <= 1.0 && run.y >= 0.0 && run.y <= 1.0;
    run.stopped = w.chance(4, plan.stops) && on_frame;
    const int kind = w.below(5, 3);
    run.stop_angle = w.u(6, -0.5 * pi, 0.5 * pi);
    run.wedge = 0.0;
    if (kind == 0) {
        run.stop = PartKind::linear_stop;
        run.half_width = w.u(7, 8.0, 30.0) / 4.0;
        run.stop_length = w.u(8, 8.0, 100.0) / 4.0;
        run.stop_blur = w.u(9, 2.0, 10.0);
        run.stop_angle = 0.0;
    } else if (kind == 1) {
        run.stop = PartKind::round_stop;
        run.half_width = w.u(7, 8.0, 50.0) / 4.0;
        run.stop_length = 0.0;
        run.stop_blur = w.u(9, 1.0, 5.0);
    } else {
        run.stop = PartKind::wedge_stop;
        run.half_width = 0.0;
        run.wedge = w.u(7, 10.0, 20.0) * (pi / 180.0);
        run.stop_length = w.u(8, -50.0, -10.0);
        run.stop_blur = w.u(9, 1.0, 5.0);
    }
    run.cut = w.chance(10, plan.edges);
    run.edge_q = w.u(11, 0.04, 0.06);
    run.edge_width = w.u(12, 1e-4, 1e-2);
}

/// Places of a contribution's words.
enum PartWord {
    kind_word,
    chi_word,
    m_normal,
    q0_normal = 4,
    eta_normal = 6,
    s_normal = 8,
    stretch_normal = 10,
    dq_word = 12,
    amplitude_word,
    s_word,
    radius_word,
    lattice_word,
    form_word,
    spacing_word,
    rings_word,
    fold_word,
    spot_eta_word,
    single_word,
    grain_word,
    zoom_word,
    turned_word,
    turns_word,
    first_ring_word = 32,
    words_of_ring = 32,
    first_turn_word = 1024,
};
static_assert(turns_word < first_ring_word && first_ring_word + most_rings * words_of_ring <= first_turn_word);
static_assert(3 + 2 * most_spots <= words_of_ring);

double clamped_normal(Words& w, int place, double mean, double std, double low, double high) {
    return std::clamp(mean + std * w.normal(place), low, high);
}

void draw_rings(Words& w, DrawnPart& part) {
    const bool speckled = part.kind == PartKind::speckled_rings;
    part.spacing = part.q0 * w.u(spacing_word, 0.1, 1.0);
    part.n_rings = 3 + w.below(rings_word, 7);
    part.m = 2 * (1 + w.below(fold_word, 3));
    part.eta = w.u(spot_eta_word, 0.5, 0.95);
    part.m = w.chance(single_word, 0.01) ? 1 : part.m;
    for (int i = 0; i < part.n_rings; ++i) {
        const auto ring = static_cast<std::size_t>(i);
        const int first = first_ring_word + i * words_of_ring;
        part.ring_q[ring] = part.q0 + i * part.spacing * w.u(first, 0.2, 1.5);
        part.ring_share[ring] = w.u(first + 1, 0.1, 1.0);
        part.n_spots[ring] = speckled ? 2 + w.below(first + 2, 13) : 0;
        for (int j = 0; j < part.n_spots[ring]; ++j) {
            part.spot_chi[ring][static_cast<std::size_t>(j)] = w.u(first + 3 + 2 * j, -pi, pi);
            part.spot_share[ring][static_cast<std::size_t>(j)] = w.u(first + 4 + 2 * j, 0.001, 1.0);
        }
    }
    if (!speckled) {
        part.m = 0;
        part.eta = 0.0;
    }
}

void draw_lattice(Words& w, DrawnPart& part) {
    part.q0 = clamped_normal(w, q0_normal, 0.06, 0.04, 0.008, 0.05);
    part.dq = part.q0 * w.u(dq_word, 0.01, 0.2);
    part.s = clamped_normal(w, s_normal, 0.1, 0.2, 0.01, 0.5);
    part.radius = 2.0 * pi / part.q0 * w.u(radius_word, 0.01, 2.0);
    part.lattice = w.below(lattice_word, 4);
    part.amplitude = w.power10(amplitude_word, 0.0, 4.0);
    if (part.kind == PartKind::distorted_lattice) {
        part.stretch = std::clamp(2.0 * exp_double(0.5 * w.normal(stretch_normal)), 0.125, 16.0);
        part.form_stays = w.chance(form_word, 0.5);
    }
}

void draw_part(const ScatteringPlan& plan, const StreamPosition& at, int number, DrawnPart& part) {
    part = DrawnPart{};
    Words w(at, Purpose::scattering, static_cast<std::uint32_t>(part_object + number));
    const double which = w.u(kind_word);
    int kind = 0;
    while (kind < n_contribution_kinds - 1 && !(which < plan.shares[static_cast<std::size_t>(kind)])) {
        ++kind;
    }
    part.kind = static_cast<PartKind>(kind);
    part.chi = w.u(chi_word, -pi, pi);
    const double fold = std::clamp(2.0 * nearest_integer(exp_double(0.75 * w.normal(m_normal))), 2.0, 20.0);
    part.stretch = 1.0;
    switch (part.kind) {
        case PartKind::ring:
        case PartKind::rings:
            part.m = static_cast<int>(fold);
            part.q0 = clamped_normal(w, q0_normal, 0.02, 0.04, 0.008, 0.1);
            part.dq = part.q0 * w.u(dq_word, 0.01, 0.2);
            part.eta = clamped_normal(w, eta_normal, 0.3, 1.0, 0.2, 0.95);
            part.s = part.kind == PartKind::rings ? w.power10(s_word, 1.5, 3.0) : 0.0;
            part.amplitude = w.power10(amplitude_word, -1.0, 4.0);
            break;
        case PartKind::halo:
            part.m = static_cast<int>(fold);
            part.q0 = clamped_normal(w, q0_normal, 0.02, 0.04, 0.008, 0.1);
            part.dq = part.q0 * w.u(dq_word, 0.3, 0.6);
            part.eta = clamped_normal(w, eta_normal, 0.1, 1.0, 0.02, 0.4);
            part.s = w.power10(s_word, 1.0, 3.0);
            part.amplitude = w.power10(amplitude_word, -1.0, 4.0);
            break;
        case PartKind::spheres:
            part.radius = w.power10(radius_word, 1.5, 3.5);
            part.amplitude = w.power10(amplitude_word, 0.0, 4.0);
            break;
        case PartKind::lattice:
        case PartKind::distorted_lattice:
            draw_lattice(w, part);
            break;
        case PartKind::ad_hoc_rings:
        case PartKind::speckled_rings: {
            const bool speckled = part.kind == PartKind::speckled_rings;
            part.q0 = clamped_normal(w, q0_normal, 0.02, 0.04, 0.008, 0.05);
            part.dq = part.q0 * (speckled ? w.u(dq_word, 0.005, 0.03) : w.u(dq_word, 0.01, 0.04));
            part.amplitude = w.power10(amplitude_word, speckled ? 2.0 : 1.0, 4.0);
            draw_rings(w, part);
            break;
        }
        case PartKind::coherent_halo:
            part.m = static_cast<int>(fold);
            part.q0 = clamped_normal(w, q0_normal, 0.02, 0.04, 0.008, 0.05);
            part.dq = part.q0 * w.u(dq_word, 0.1, 0.6);
            part.eta = clamped_normal(w, eta_normal, 0.1, 1.0, 0.0, 0.4);
            part.s = w.power10(s_word, 1.0, 3.0);
            part.amplitude = w.power10(amplitude_word, 1.0, 4.0);
            part.grain = 3.0 + w.below(grain_word, 5);
            break;
        default:
            part.zoom = w.u(zoom_word, 0.2, 1.0);
            part.n_rings = w.chance(turned_word, 0.2) ? 10 + w.below(turns_word, 90) : 1;
            part.amplitude = w.power10(amplitude_word, 3.0, 5.0);
    }
}

void draw_diffuse(const StreamPosition& at, DrawnScattering& d) {
    Words w(at, Purpose::scattering, diffuse_object);
    d.constants[0].on = w.chance(0, 0.05);
    d.constants[0].mean = w.u(1, 0.0, 2000.0);
    d.constants[0].std = d.constants[0].mean * w.u(2, 0.05, 1.0);
    d.low_q_chi = w.u(3, -pi, pi);
    constexpr int words_of_low_q = 8;
    for (int i = 0; i < 2; ++i) {
        const bool turned = i == 1;
        const bool on = w.chance(4 + i, turned ? 0.15 : 0.3);
        for (int k = 0; k < n_low_q; ++k) {
            DrawnLowQ& low = d.low_q[static_cast<std::size_t>(i)][static_cast<std::size_t>(k)];
            const int first = 16 + words_of_low_q * (n_low_q * i + k);
            low.on = w.chance(first, turned ? 0.4 : 0.5) && on;
            low.amplitude = k == 0 ? w.power10(first + 1, 4.0, 6.0) : w.power10(first + 1, 2.0, 5.0);
            low.exponent = turned ? w.u(first + 2, -3.8, -1.8) : w.u(first + 2, -4.5, -1.8);
            low.length = k == 3 ? w.power10(first + 3, 2.0, 3.0) : w.power10(first + 3, 1.0, 4.0);
            low.stretch = turned ? std::clamp(2.0 * exp_double(0.5 * w.normal(first + 4)), 0.125, 16.0) : 1.0;
        }
        DrawnHighQ& high = d.high_q[static_cast<std::size_t>(i)];
        const int first = 80 + 8 * i;
        high.on = w.chance(first, turned ? 0.01 : 0.2);
        high.amplitude = w.power10(first + 1, 1.0, 3.0);
        high.s = w.power10(first + 2, -2.0, 2.2);
        high.chi = w.u(first + 3, -pi, pi);
        high.stretch = turned ? std::clamp(2.0 * exp_double(0.5 * w.normal(first + 4)), 0.125, 16.0) : 1.0;
    }
}

void draw_background(const StreamPosition& at, DrawnScattering& d) {
    Words w(at, Purpose::scattering, background_object);
    d.constants[1].on = w.chance(0, 0.5);
    d.constants[1].mean = w.u(1, 0.0, 2000.0);
    d.constants[1].std = d.constants[1].mean * w.u(2, 0.05, 1.0);
    d.smooth = w.chance(3, 0.05);
    d.smooth_mean = w.u(4, 0.0, 100.0);
    d.smooth_std = d.smooth_mean * w.u(5, 0.05, 0.2);
    d.smooth_grain = w.u(6, 3.0, 20.0);
    for (int i = 0; i < 2; ++i) {
        DrawnWindow& window = d.windows[static_cast<std::size_t>(i)];
        const int first = 8 + 8 * i;
        window.on = w.chance(first, 0.1);
        window.size = w.u(first + 1, 20.0, 300.0);
        window.x = w.u(first + 2, -1.0, 1.0) * window.size;
        window.y = w.u(first + 3, -1.0, 1.0) * window.size;
        window.blur = w.u(first + 4, 3.0, 50.0);
        window.amplitude = w.power10(first + 5, -1.0, 3.0);
    }
}

void draw_streaks(const StreamPosition& at, DrawnScattering& d) {
    Words w(at, Purpose::scattering, defects_object);
    const double length2 = w.power10(0, -6.0, -3.0);
    const double width2 = w.power10(1, -4.0, -2.0);  // over that
    const double counts = w.power10(2, 2.0, 4.0);
    const std::array<double, 2> of_length{1.0, w.u(5, 0.5, 2.0)};
    const std::array<double, 2> of_counts{1.0, w.u(6, 0.5, 2.0)};
    for (std::size_t i = 0; i < 2; ++i) {
        d.streaks[i].on = w.chance(3 + static_cast<int>(i), 0.8);
        d.streaks[i].amplitude = counts * of_counts[i];
        d.streaks[i].along = length2 * of_length[i];
        d.streaks[i].across = d.streaks[i].along * width2;
    }
}

int poisson_of(double uniform, double mean, int most) {
    double term = exp_double(-mean);
    double below = term;
    int n = 0;
    while (n < most && !(uniform < below)) {
        ++n;
        term *= mean / n;
        below += term;
    }
    return n;
}

LatticePeaks cubic(std::array<int, most_peaks> squares, std::array<double, most_peaks> weight) {
    LatticePeaks peaks{most_peaks, {}, weight};
    for (std::size_t i = 0; i < most_peaks; ++i) {
        peaks.x[i] = std::sqrt(static_cast<double>(squares[i]) / squares[0]);
    }
    return peaks;
}

}  // namespace

const LatticePeaks& lattice_peaks(int lattice) {
    static const std::array<LatticePeaks, 4> all{
        cubic({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24},
              {1, .5, 2, 1, 2, 2.0 / 3.0, 4, .5, 3, 2, 2, 2, 6, 4, 1, 4, 2.5, 6, 2, 4, 2, 4, 2.0 / 3.0}),
        cubic({3, 4, 8, 11, 12, 16, 19, 20, 24, 27, 32, 35, 36, 40, 43, 44, 48, 51, 52, 56, 59, 68, 72},
              {1, .75, 1.5, 3, 1, .75, 3, 3, 3, 4, 1.5, 6, 3.75, 3, 3, 3, 1, 3, 3, 6, 3, 3, 1.5}),
        LatticePeaks{10,
                     {1, 1.154700538, 1.527525232, 2, 2.236067977, 2.309401077, 2.516611478, 2.828427125, 3, 3.055050463},
                     {1, 3, 6, 4, 6, 9, 6, 6, 1, 12}},
        LatticePeaks{10, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
    };
    return all[static_cast<std::size_t>(lattice)];
}

void draw_scattering(const ScatteringPlan& plan, const StreamPosition& at, DrawnScattering& d) {
    draw_run(plan, at, d.run);
    Words w(at, Purpose::scattering, sample_object);
    const bool first =
        plan.calibration_first && plan.images_per_run > 1 && at.index % static_cast<std::uint64_t>(plan.images_per_run) == 0;
    d.calibration = w.chance(0, plan.calibration) || first;
    const bool diffuse = w.chance(1, plan.diffuse) && !d.calibration;
    const bool background = w.chance(2, plan.background) && !d.calibration;
    const bool streaks = w.chance(3, plan.streaks) && !d.calibration;
    d.zingers = w.chance(4, plan.zingers) && !d.calibration;
    d.n_parts = d.calibration ? 0 : 1 + poisson_of(w.u(5), plan.further, most_contributions - 1);
    d.calibration_counts = w.power10(6, 2.0, 4.0);
    d.beam_counts = plan.beam_counts;
    for (int i = 0; i < d.n_parts; ++i) {
        draw_part(plan, at, i, d.parts[static_cast<std::size_t>(i)]);
    }
    d.low_q = {};
    d.high_q = {};
    d.constants = {};
    d.smooth = false;
    d.windows = {};
    d.streaks = {};
    if (diffuse) {
        draw_diffuse(at, d);
    }
    if (background) {
        draw_background(at, d);
    }
    if (streaks) {
        draw_streaks(at, d);
    }
}

Turn draw_turn(const StreamPosition& at, int part, int turn) {
    Words w(at, Purpose::scattering, static_cast<std::uint32_t>(part_object + part));
    const int first = first_turn_word + 4 * turn;
    const SinCosDouble a = sincos_double(2.0 * pi * w.u(first));
    const double cos_b = w.u(first + 1, -1.0, 1.0);
    const double sin_b = std::sqrt(std::max(0.0, 1.0 - cos_b * cos_b));
    const SinCosDouble c = sincos_double(2.0 * pi * w.u(first + 2));
    return {{{c.cos * a.cos - c.sin * cos_b * a.sin, c.sin * a.cos + c.cos * cos_b * a.sin},
             {-c.cos * a.sin - c.sin * cos_b * a.cos, -c.sin * a.sin + c.cos * cos_b * a.cos},
             {c.sin * sin_b, -c.cos * sin_b}}};
}

Zingers draw_zingers(const StreamPosition& at, int strip, double mean) {
    Words w(at, Purpose::zingers, static_cast<std::uint32_t>(strip));
    Zingers zingers{};
    zingers.n = poisson_of(w.u(0), mean, most_zingers);
    for (int i = 0; i < zingers.n; ++i) {
        zingers.x[static_cast<std::size_t>(i)] = w.u(2 + 2 * i);
        zingers.y[static_cast<std::size_t>(i)] = w.u(3 + 2 * i);
    }
    return zingers;
}

}  // namespace nanotilt
