#include "bessel.hpp"

#include <algorithm>
#include <cmath>

#include "../base/elementary.hpp"

namespace nanotilt {

void bessel_j(double x, int m_max, double* out) {
    std::fill_n(out, m_max + 1, 0.0);
    if (x < 1e-8) {  // the next term of the series is below x^2 / 4
        out[0] = 1.0;
        if (m_max > 0) {
            out[1] = 0.5 * x;
        }
        return;
    }
    // From where J is below 1e-17 of its largest value on: it falls off over some x^(1/3) orders beyond the order x.
    const double beyond = std::max(x, static_cast<double>(m_max));
    int start = static_cast<int>(beyond + 20.0 + 10.0 * cube_root(beyond + 1.0));
    start += start % 2;
    double above = 0.0;
    double here = 1e-300;
    double sum = 0.0;  // J_0 + 2 J_2 + 2 J_4 + ... = 1
    for (int k = start; k > 0; --k) {
        const double below = 2.0 * k / x * here - above;
        above = here;
        here = below;
        const int order = k - 1;
        if (std::fabs(here) > 1e250) {
            here *= 1e-250;
            above *= 1e-250;
            sum *= 1e-250;
            for (int m = order + 1; m <= m_max; ++m) {
                out[m] *= 1e-250;
            }
        }
        if (order <= m_max) {
            out[order] = here;
        }
        if (order % 2 == 0) {
            sum += order == 0 ? here : 2.0 * here;
        }
    }
    for (int m = 0; m <= m_max; ++m) {
        out[m] /= sum;
    }
}

namespace {

/// The one zero of J_m between two places of different sign: Newton's steps, and bisection where they would leave.
double zero_between(int m, double low, double high, std::vector<double>& values) {
    bessel_j(low, m + 1, values.data());
    const bool low_is_negative = values[static_cast<std::size_t>(m)] < 0.0;
    double x = 0.5 * (low + high);
    for (int step = 0; step < 60; ++step) {
        bessel_j(x, m + 1, values.data());
        const double value = values[static_cast<std::size_t>(m)];
        ((value < 0.0) == low_is_negative ? low : high) = x;
        const double slope = m / x * value - values[static_cast<std::size_t>(m) + 1];
        double next = x - value / slope;
        if (!(next > low && next < high)) {
            next = 0.5 * (low + high);
        }
        if (std::fabs(next - x) < 1e-15 * x) {
            return next;
        }
        x = next;
    }
    return x;
}

}  // namespace

std::vector<double> bessel_zeros(int m_max, int n) {
    // Zeros of J_m and J_(m+1) alternate, so that those of each order enclose those of the next, which are one fewer.
    std::vector<double> values(static_cast<std::size_t>(m_max) + 3);
    std::vector<double> row(static_cast<std::size_t>(n + m_max));
    for (std::size_t i = 0; i < row.size(); ++i) {
        // J_0's zero number i + 1 lies between (i + 3/4) pi and (i + 4/5) pi.
        row[i] = zero_between(0, (static_cast<double>(i) + 0.75) * pi, (static_cast<double>(i) + 0.8) * pi, values);
    }
    std::vector<double> zeros;
    for (int m = 0;; ++m) {
        zeros.insert(zeros.end(), row.begin(), row.begin() + n);
        if (m == m_max) {
            return zeros;
        }
        for (std::size_t i = 0; i + 1 < row.size(); ++i) {
            row[i] = zero_between(m + 1, row[i], row[i + 1], values);
        }
        row.pop_back();
    }
}

BesselTable::BesselTable(int m_max, double x_max) : n_pieces_(static_cast<std::ptrdiff_t>(x_max) + 1) {
    for (int k = 0; k < n_nodes; ++k) {
        nodes_[k] = 0.5 - 0.5 * sincos_double((k + 0.5) * pi / n_nodes).cos;
    }
    const std::ptrdiff_t of_order = n_pieces_ * n_nodes;
    differences_.resize(static_cast<std::size_t>((m_max + 1) * of_order));
    std::vector<double> values(static_cast<std::size_t>(m_max) + 1);
    for (std::ptrdiff_t piece = 0; piece < n_pieces_; ++piece) {
        for (int k = 0; k < n_nodes; ++k) {
            bessel_j(static_cast<double>(piece) + nodes_[k], m_max, values.data());
            for (int m = 0; m <= m_max; ++m) {
                differences_[static_cast<std::size_t>(m * of_order + piece * n_nodes + k)] = values[static_cast<std::size_t>(m)];
            }
        }
        for (int m = 0; m <= m_max; ++m) {
            double* d = differences_.data() + m * of_order + piece * n_nodes;
            for (int step = 1; step < n_nodes; ++step) {
                for (int k = n_nodes - 1; k >= step; --k) {
                    d[k] = (d[k] - d[k - 1]) / (nodes_[k] - nodes_[k - step]);
                }
            }
        }
    }
}

double BesselTable::operator()(int m, double x) const {
    const auto piece = static_cast<std::ptrdiff_t>(x);
    const double* d = differences_.data() + (m * n_pieces_ + piece) * n_nodes;
    const double t = x - static_cast<double>(piece);
    double value = d[n_nodes - 1];
    for (int k = n_nodes - 2; k >= 0; --k) {
        value = value * (t - nodes_[k]) + d[k];
    }
    return value;
}

}  // namespace nanotilt
