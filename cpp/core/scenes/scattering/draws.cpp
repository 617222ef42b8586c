#include "draws.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "../../base/elementary.hpp"
#include "../../base/random_numbers.hpp"
#include "words.hpp"

namespace nanotilt {
namespace {

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

}  // namespace

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
