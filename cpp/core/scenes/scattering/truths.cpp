#include "truths.hpp"

#include <algorithm>
#include <cstddef>

namespace nanotilt {
namespace {

/// One row of the parameters; what a kind does not have is 0.
struct Row {
    PartKind kind;
    double amplitude = 0.0, q0 = 0.0, dq = 0.0, m = 0.0, eta = 0.0, chi = 0.0, s = 0.0, length = 0.0, stretch = 0.0, number = 0.0,
           scale = 0.0, x = 0.0, y = 0.0;
};

class Table {
   public:
    explicit Table(float* out) : out_(out) { std::fill(out, out + n_parameter_columns * most_parameters, 0.0F); }

    void add(const Row& row) {
        const double values[n_parameter_columns] = {static_cast<double>(row.kind),
                                                    row.amplitude,
                                                    row.q0,
                                                    row.dq,
                                                    row.m,
                                                    row.eta,
                                                    row.chi,
                                                    row.s,
                                                    row.length,
                                                    row.stretch,
                                                    row.number,
                                                    row.scale,
                                                    row.x,
                                                    row.y};
        for (const double value : values) {
            *out_++ = static_cast<float>(value);
        }
        ++n_;
    }
    [[nodiscard]] int n() const { return n_; }

   private:
    float* out_;
    int n_ = 0;
};

Row row_of(const DrawnPart& part) {
    Row row{.kind = part.kind,
            .amplitude = part.amplitude,
            .q0 = part.q0,
            .dq = part.dq,
            .eta = part.eta,
            .chi = part.chi,
            .s = part.s,
            .length = part.radius};
    row.m = part.m;
    switch (part.kind) {
        case PartKind::lattice:
        case PartKind::distorted_lattice:
            row.number = part.lattice;
            row.stretch = part.stretch;
            row.scale = part.form_stays ? 1.0 : 0.0;
            break;
        case PartKind::ad_hoc_rings:
        case PartKind::speckled_rings:
            row.number = part.n_rings;
            row.scale = part.spacing;
            break;
        case PartKind::coherent_halo:
            row.scale = part.grain;
            break;
        case PartKind::mesostructure:
            row.number = part.n_rings;
            row.scale = part.zoom;
            break;
        default:
            break;
    }
    return row;
}

void add_diffuse(const DrawnScattering& d, Table& table) {
    for (std::size_t i = 0; i < 2; ++i) {
        for (std::size_t k = 0; k < n_low_q; ++k) {
            const DrawnLowQ& low = d.low_q[i][k];
            if (low.on) {
                const auto kind = static_cast<PartKind>(static_cast<std::size_t>(PartKind::power_law) + k);
                table.add({.kind = kind,
                           .amplitude = low.amplitude,
                           .chi = i == 1 ? d.low_q_chi : 0.0,
                           .s = k == 0 ? low.exponent : 0.0,
                           .length = k == 0 ? 0.0 : low.length,
                           .stretch = low.stretch});
            }
        }
    }
    for (const DrawnHighQ& high : d.high_q) {
        if (high.on) {
            table.add(
                {.kind = PartKind::high_q, .amplitude = high.amplitude, .chi = high.chi, .s = high.s, .stretch = high.stretch});
        }
    }
    for (const DrawnConstant& constant : d.constants) {
        if (constant.on) {
            table.add({.kind = PartKind::constant, .amplitude = constant.mean, .s = constant.std});
        }
    }
}

void add_set_up(const DrawnScattering& d, Table& table) {
    const DrawnRun& run = d.run;
    table.add(
        {.kind = PartKind::beam, .amplitude = d.beam_counts, .length = run.beam_x, .scale = run.beam_y, .x = run.x, .y = run.y});
    if (run.stopped) {
        table.add({.kind = run.stop,
                   .chi = run.stop_angle,
                   .s = run.stop_blur,
                   .length = run.half_width,
                   .stretch = run.wedge,
                   .scale = run.stop_length});
    }
    if (run.cut) {
        table.add({.kind = PartKind::edge, .q0 = run.edge_q, .dq = run.edge_width});
    }
}

}  // namespace

std::vector<Output> scattering_truths(const AreaPlan& area) {
    const auto n = static_cast<std::int64_t>(area.n_pixels);
    return {{"tags", Dtype::uint8, {n_scattering_tags}, ""},
            {"snr", Dtype::float32, {n_scattering_tags}, ""},
            {"parameters", Dtype::float32, {most_parameters, n_parameter_columns}, ""},
            {"n_parameters", Dtype::int32, {}, ""},
            {"run", Dtype::int64, {}, ""},
            {"beam", Dtype::float32, {2}, "px"},
            {"clean", Dtype::float32, {1, n, n}, ""},
            {"polar", Dtype::float32, {2, area.cells.n_radii, area.cells.n_angles}, ""},
            {"coefficients", Dtype::float32, {n_disc_functions, n_disc_orders, 2}, ""}};
}

int write_parameters(const DrawnScattering& d, float* out) {
    Table table(out);
    if (d.calibration) {
        table.add(
            {.kind = PartKind::silver_behenate, .amplitude = d.calibration_counts, .q0 = behenate_q, .dq = 0.05 * behenate_q});
    }
    for (int i = 0; i < d.n_parts; ++i) {
        table.add(row_of(d.parts[static_cast<std::size_t>(i)]));
    }
    add_diffuse(d, table);
    if (d.smooth) {
        table.add({.kind = PartKind::smooth_background, .amplitude = d.smooth_mean, .s = d.smooth_std, .scale = d.smooth_grain});
    }
    for (std::size_t i = 0; i < 2; ++i) {
        const DrawnWindow& window = d.windows[i];
        if (window.on) {
            table.add({.kind = i == 0 ? PartKind::square_window : PartKind::round_window,
                       .amplitude = window.amplitude,
                       .s = window.blur,
                       .length = window.size,
                       .x = window.x,
                       .y = window.y});
        }
    }
    for (std::size_t i = 0; i < 2; ++i) {
        const DrawnStreak& streak = d.streaks[i];
        if (streak.on) {
            table.add({.kind = PartKind::streak,
                       .amplitude = streak.amplitude,
                       .q0 = streak.along,
                       .dq = streak.across,
                       .number = static_cast<double>(i)});
        }
    }
    if (d.zingers) {
        table.add({.kind = PartKind::zingers, .amplitude = zingers_per_pixel});
    }
    add_set_up(d, table);
    return table.n();
}

}  // namespace nanotilt
