// Bessel functions J_m in double precision, with the same bits on every machine.
#pragma once

#include <cstddef>
#include <vector>

namespace nanotilt {

/// J_0(x) ... J_m_max(x), x >= 0, by Miller's backward recurrence; error below 1e-13 for x < 1000.
void bessel_j(double x, int m_max, double* out);

/// The first n positive zeros of J_0 ... J_m_max: zeros[m * n + i].
std::vector<double> bessel_zeros(int m_max, int n);

/// J_m at many places: polynomials of degree 9 through Chebyshev nodes on pieces of length 1, wrong by less than 1e-12. A tenth of
/// the time of the recurrence.
class BesselTable {
   public:
    /// For orders up to m_max and 0 <= x <= x_max.
    BesselTable(int m_max, double x_max);

    [[nodiscard]] double operator()(int m, double x) const;

   private:
    static constexpr int n_nodes = 10;

    std::ptrdiff_t n_pieces_;
    double nodes_[n_nodes];
    /// Newton's divided differences.
    std::vector<double> differences_;
};

}  // namespace nanotilt
