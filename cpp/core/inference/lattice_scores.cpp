#include "lattice_scores.hpp"

#include <algorithm>
#include <cmath>

#include "../base/elementary.hpp"
#include "../geometry/blur.hpp"

namespace nanotilt {

namespace {

constexpr double half_root = 0.86602540378443864676;

std::ptrdiff_t radius_of(const std::vector<float>& weights) {
    return static_cast<std::ptrdiff_t>(weights.size()) - 1;
}

/// Sum of squares of a template in pixels, for atoms of Gaussian shape with a volume of 1.
double square_of_template(const LatticeFitPlan& plan) {
    double sum = 0.0;
    const double width = 4.0 * plan.probe * plan.probe;
    for (std::ptrdiff_t i = 0; i < plan.n_atoms; ++i) {
        for (std::ptrdiff_t j = 0; j < plan.n_atoms; ++j) {
            const double x = plan.atoms[i].x - plan.atoms[j].x;
            const double y = plan.atoms[i].y - plan.atoms[j].y;
            sum += plan.atoms[i].amplitude * plan.atoms[j].amplitude * exp_double(-(x * x + y * y) / width);
        }
    }
    return sum / (pi * width);
}

/// Angle of (x, y) in (-pi, pi].
double direction(double x, double y) {
    const double line = line_angle(x, y);
    return y < 0.0 || (y == 0.0 && x < 0.0) ? line - pi : line;
}

struct Matrix {
    double xx, xy, yx, yy;
};

/// The perfect lattice's pixels to those of the image: the inverse of the wave vectors times the perfect ones.
Matrix deformation(const WaveVectors& waves, double constant) {
    const double* g = waves.at;
    const double scale = 2.0 * pi / constant / (g[0] * g[3] - g[1] * g[2]);
    const double root = 1.0 / std::sqrt(3.0);
    return {scale * (g[3] - g[1]), -scale * root * (g[3] + g[1]), scale * (g[0] - g[2]), scale * root * (g[0] + g[2])};
}

}  // namespace

LatticeScores::LatticeScores(const LatticeFitPlan& plan)
    : plan_(plan),
      blob_weights_(gaussian_weights(plan.blob)),
      blob_spread_weights_(gaussian_weights(plan.blob * std::sqrt(0.5))),
      probe_weights_(gaussian_weights(plan.probe)),
      probe_spread_weights_(gaussian_weights(plan.probe * std::sqrt(0.5))),
      pad_(2 * std::max(radius_of(probe_weights_), radius_of(blob_weights_)) + 2),
      stride_(plan.n_columns + 2 * pad_),
      template_square_(square_of_template(plan)) {}

LatticeScores::Scratch LatticeScores::take(Arena& arena) const {
    const std::ptrdiff_t n = (plan_.n_rows + 2 * pad_) * stride_;
    return {arena.take<float>(n), arena.take<float>(n), arena.take<float>(n), arena.take<float>(n)};
}

/// Blurs s.image, out to `rim` pixels beyond the image, where it is 0 for as many more as the weights reach.
void LatticeScores::blur(const Scratch& s, const std::vector<float>& weights, std::ptrdiff_t rim, float* out) const {
    const std::ptrdiff_t radius = radius_of(weights);
    const std::ptrdiff_t first = pad_ - rim;
    const std::ptrdiff_t n = plan_.n_columns + 2 * rim;
    for (std::ptrdiff_t row = first - radius; row < first + plan_.n_rows + 2 * rim + radius; ++row) {
        const float* in = s.image + row * stride_ + first;
        float* to = s.half_done + row * stride_ + first;
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            to[i] = weights[0] * in[i];
        }
        for (std::ptrdiff_t k = 1; k <= radius; ++k) {
            const float weight = weights[static_cast<std::size_t>(k)];
            for (std::ptrdiff_t i = 0; i < n; ++i) {
                to[i] += weight * (in[i - k] + in[i + k]);
            }
        }
    }
    for (std::ptrdiff_t row = first; row < first + plan_.n_rows + 2 * rim; ++row) {
        const float* in = s.half_done + row * stride_ + first;
        float* to = out + row * stride_ + first;
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            to[i] = weights[0] * in[i];
        }
        for (std::ptrdiff_t k = 1; k <= radius; ++k) {
            const float weight = weights[static_cast<std::size_t>(k)];
            const float* above = in - k * stride_;
            const float* below = in + k * stride_;
            for (std::ptrdiff_t i = 0; i < n; ++i) {
                to[i] += weight * (above[i] + below[i]);
            }
        }
    }
}

void LatticeScores::write_blobs(const LatticeScratch& fit, const Scratch& s, LatticeFigures& figures) const {
    const auto copy = [&](const auto& value) {
        for (std::ptrdiff_t row = 0; row < plan_.n_rows; ++row) {
            float* to = s.image + (row + pad_) * stride_ + pad_;
            for (std::ptrdiff_t i = 0; i < plan_.n_columns; ++i) {
                to[i] = static_cast<float>(value(row * plan_.n_columns + i));
            }
        }
    };
    copy([&](std::ptrdiff_t i) { return fit.model[i]; });
    blur(s, blob_spread_weights_, 0, s.spread);
    copy([&](std::ptrdiff_t i) { return fit.counts[i] - fit.model[i]; });
    blur(s, blob_weights_, 0, s.blurred);
    const auto area = static_cast<float>(4.0 * pi * plan_.blob * plan_.blob);
    float lowest = 0.0F;
    float highest = 0.0F;
    std::ptrdiff_t at_lowest = -1;
    std::ptrdiff_t at_highest = -1;
    for (std::ptrdiff_t row = plan_.margin; row < plan_.n_rows - plan_.margin; ++row) {
        for (std::ptrdiff_t i = plan_.margin; i < plan_.n_columns - plan_.margin; ++i) {
            const std::ptrdiff_t at = (row + pad_) * stride_ + pad_ + i;
            const float score = s.blurred[at] / std::sqrt(s.spread[at] / area);
            if (score < lowest || at_lowest < 0) {
                lowest = score;
                at_lowest = row * plan_.n_columns + i;
            }
            if (score > highest || at_highest < 0) {
                highest = score;
                at_highest = row * plan_.n_columns + i;
            }
        }
    }
    figures.hole = -static_cast<double>(lowest);
    figures.hole_x = static_cast<double>(at_lowest % plan_.n_columns);
    figures.hole_y = static_cast<double>(at_lowest / plan_.n_columns);
    figures.bump = static_cast<double>(highest);
    figures.bump_x = static_cast<double>(at_highest % plan_.n_columns);
    figures.bump_y = static_cast<double>(at_highest / plan_.n_columns);
}

/// By Catmull-Rom's cubics; 0 beyond the rim.
double LatticeScores::value_at(const float* image, double x, double y) const {
    const double column = std::floor(x);
    const double row = std::floor(y);
    const auto rim = static_cast<double>(pad_ / 2 - 2);
    if (column < -rim || row < -rim || column >= static_cast<double>(plan_.n_columns - 1) + rim ||
        row >= static_cast<double>(plan_.n_rows - 1) + rim) {
        return 0.0;
    }
    const auto cubics = [](double t, double* w) {
        w[0] = t * (t * (1.0 - 0.5 * t) - 0.5);
        w[1] = 1.0 + t * t * (1.5 * t - 2.5);
        w[2] = t * (0.5 + t * (2.0 - 1.5 * t));
        w[3] = t * t * (0.5 * t - 0.5);
    };
    double across[4];
    double down[4];
    cubics(x - column, across);
    cubics(y - row, down);
    const float* at =
        image + (static_cast<std::ptrdiff_t>(row) - 1 + pad_) * stride_ + static_cast<std::ptrdiff_t>(column) - 1 + pad_;
    double sum = 0.0;
    for (int j = 0; j < 4; ++j, at += stride_) {
        sum += down[j] * (across[0] * static_cast<double>(at[0]) + across[1] * static_cast<double>(at[1]) +
                          across[2] * static_cast<double>(at[2]) + across[3] * static_cast<double>(at[3]));
    }
    return sum;
}

void LatticeScores::write_match(const LatticeEstimate& estimate, const LatticeScratch& fit, const Scratch& s,
                                LatticeFigures& figures) const {
    const std::ptrdiff_t rim = pad_ / 2;
    for (std::ptrdiff_t row = 0; row < plan_.n_rows; ++row) {
        float* to = s.image + (row + pad_) * stride_ + pad_;
        for (std::ptrdiff_t i = 0; i < plan_.n_columns; ++i) {
            to[i] = static_cast<float>(1.0 / fit.model[row * plan_.n_columns + i]);
        }
    }
    blur(s, probe_spread_weights_, rim, s.spread);
    for (std::ptrdiff_t row = 0; row < plan_.n_rows; ++row) {
        float* to = s.image + (row + pad_) * stride_ + pad_;
        for (std::ptrdiff_t i = 0; i < plan_.n_columns; ++i) {
            const std::ptrdiff_t at = row * plan_.n_columns + i;
            to[i] = static_cast<float>((fit.counts[at] - fit.model[at]) / fit.model[at]);
        }
    }
    blur(s, probe_weights_, rim, s.blurred);
    const Matrix f = deformation(estimate.waves, plan_.constant);
    const double bond = plan_.constant / std::sqrt(3.0);
    const auto reach =
        static_cast<std::ptrdiff_t>(1.5 * static_cast<double>(std::max(plan_.n_rows, plan_.n_columns)) / plan_.constant) + 3;
    const double right = static_cast<double>(plan_.n_columns - 1) - plan_.site_margin;
    const double below = static_cast<double>(plan_.n_rows - 1) - plan_.site_margin;
    constexpr double sines[6] = {0.0, half_root, half_root, 0.0, -half_root, -half_root};
    constexpr double cosines[6] = {1.0, 0.5, -0.5, -1.0, -0.5, 0.5};
    double best = -1e300;
    for (int turn = 0; turn < 6; ++turn) {
        const double c = cosines[turn];
        const double sn = sines[turn];
        const Matrix all = {f.xx * c + f.xy * sn, f.xy * c - f.xx * sn, f.yx * c + f.yy * sn, f.yy * c - f.yx * sn};
        // The site lies below the hollow, in its own axes, so that the template's atoms are the lattice's.
        const double site_x = figures.origin_x - all.xy * bond;
        const double site_y = figures.origin_y - all.yy * bond;
        for (std::ptrdiff_t n = -reach; n <= reach; ++n) {
            for (std::ptrdiff_t m = -reach; m <= reach; ++m) {
                const double along = plan_.constant * (static_cast<double>(m) + 0.5 * static_cast<double>(n));
                const double up = plan_.constant * half_root * static_cast<double>(n);
                const double x = site_x + f.xx * along + f.xy * up;
                const double y = site_y + f.yx * along + f.yy * up;
                if (!(x > plan_.site_margin && x < right && y > plan_.site_margin && y < below)) {
                    continue;
                }
                double sum = 0.0;
                for (std::ptrdiff_t i = 0; i < plan_.n_atoms; ++i) {
                    const TemplateAtom& atom = plan_.atoms[i];
                    sum += atom.amplitude *
                           value_at(s.blurred, x + all.xx * atom.x + all.xy * atom.y, y + all.yx * atom.x + all.yy * atom.y);
                }
                const double score = sum / std::sqrt(template_square_ * value_at(s.spread, x, y));
                if (score > best) {
                    best = score;
                    figures.match_x = x;
                    figures.match_y = y;
                    figures.match_rad = figures.rotation_rad + turn * (pi / 3.0);
                }
            }
        }
    }
    figures.match = best > -1e300 ? best : 0.0;
    figures.match_rad = figures.match_rad >= 2.0 * pi ? figures.match_rad - 2.0 * pi : figures.match_rad;
}

void LatticeScores::write_geometry(const LatticeEstimate& estimate, LatticeFigures& figures) const {
    // F = stretch times rotation: what is left of F F's antisymmetric part tells the angle.
    Matrix f = deformation(estimate.waves, plan_.constant);
    const double c = f.xx + f.yy;
    const double s = f.yx - f.xy;
    const double length = std::sqrt(c * c + s * s);
    const double scale = 0.5 * length;
    figures.scale = scale;
    figures.strain_xx = 0.5 * ((f.xx * c - f.xy * s) - (f.yx * s + f.yy * c)) / length / scale;
    figures.strain_xy = (f.yx * c - f.yy * s) / length / scale;
    double angle = direction(c, s);
    while (angle < 0.0) {
        angle += pi / 3.0;
    }
    while (angle >= pi / 3.0) {
        angle -= pi / 3.0;
    }
    figures.rotation_rad = angle;
    // The first shell's three waves have one phase where the lattice has a threefold axis: of the three such places in a cell, the
    // lowest is the hollow.
    const double* first = estimate.linear + lattice_field_terms;
    const double phases[3] = {direction(first[0], first[1]), -direction(first[4], first[5]), -direction(first[2], first[3])};
    const double sum = phases[0] + phases[1] + phases[2];
    double lowest = 2.0;
    double turns[2] = {0.0, 0.0};
    for (int k = 0; k < 3; ++k) {
        const double common = (sum + 2.0 * pi * k) / 3.0;
        const double height = sincos_double(common).cos;
        if (height < lowest) {
            lowest = height;
            turns[0] = (phases[0] - common) / (2.0 * pi);
            turns[1] = (common - phases[2]) / (2.0 * pi);
        }
    }
    const double* g = estimate.waves.at;
    const double unit = 2.0 * pi / (g[0] * g[3] - g[1] * g[2]);
    double nearest = 1e300;
    for (int i = -1; i <= 1; ++i) {
        for (int j = -1; j <= 1; ++j) {
            const double a = turns[0] - std::floor(turns[0] + 0.5) + i;
            const double b = turns[1] - std::floor(turns[1] + 0.5) + j;
            const double x = unit * (g[3] * a - g[1] * b);
            const double y = unit * (g[0] * b - g[2] * a);
            if (x * x + y * y < nearest) {
                nearest = x * x + y * y;
                figures.origin_x = 0.5 * static_cast<double>(plan_.n_columns - 1) + x;
                figures.origin_y = 0.5 * static_cast<double>(plan_.n_rows - 1) + y;
            }
        }
    }
}

void LatticeScores::write(const LatticeEstimate& estimate, const LatticeScratch& fit, const Scratch& s,
                          LatticeFigures& figures) const {
    std::fill(s.image, s.image + (plan_.n_rows + 2 * pad_) * stride_, 0.0F);
    write_blobs(fit, s, figures);
    if (plan_.n_atoms > 0) {
        write_match(estimate, fit, s, figures);
    }
}

}  // namespace nanotilt
