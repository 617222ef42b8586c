// Which cells of a crystal are seen in a frame.
#include <algorithm>
#include <cmath>

#include "sites.hpp"

namespace nanotilt {

Site cell_at(const PlacedLattice& lattice, double x, double y) {
    const double det = lattice.xx * lattice.yy - lattice.xy * lattice.yx;
    const double across = (lattice.yy * (x - lattice.x) - lattice.xy * (y - lattice.y)) / det;
    const double up = (lattice.xx * (y - lattice.y) - lattice.yx * (x - lattice.x)) / det;
    const double n = up / (1.5 * lattice.bond);
    const double m = across / lattice.plan->a - 0.5 * n;
    return {static_cast<int>(std::floor(m + 0.5)), static_cast<int>(std::floor(n + 0.5)), 0};
}

CellRange rows_of_cells(const PlacedLattice& lattice, int n_pixels, double reach) {
    CellRange rows{1 << 20, -(1 << 20)};
    const double slack = reach + 0.02 * n_pixels;
    for (const double x : {-0.5 - slack, n_pixels - 0.5 + slack}) {
        for (const double y : {-0.5 - slack, n_pixels - 0.5 + slack}) {
            const Site cell = cell_at(lattice, x, y);
            rows.first = std::min(rows.first, cell.n - 1);
            rows.end = std::max(rows.end, cell.n + 2);
        }
    }
    return rows;
}

CellRange cells_of_row(const PlacedLattice& lattice, int n_pixels, double reach, int n) {
    // Where the row's line passes the frame: of each side that it crosses, the place along the line.
    const double slack = reach + 0.02 * n_pixels + 4.0 * std::sqrt(lattice.cell());
    const double low = -0.5 - slack;
    const double high = n_pixels - 0.5 + slack;
    const double start_x = lattice.x + lattice.xx * lattice.plan->a * 0.5 * n + lattice.xy * 1.5 * lattice.bond * n;
    const double start_y = lattice.y + lattice.yx * lattice.plan->a * 0.5 * n + lattice.yy * 1.5 * lattice.bond * n;
    const double step_x = lattice.xx * lattice.plan->a;
    const double step_y = lattice.yx * lattice.plan->a;
    double from = -1e6;
    double to = 1e6;
    const auto clip = [&](double start, double step) {
        if (std::fabs(step) < 1e-9) {
            if (start < low || start > high) {
                to = from - 1.0;
            }
            return;
        }
        const double first = (low - start) / step;
        const double second = (high - start) / step;
        from = std::max(from, std::min(first, second));
        to = std::min(to, std::max(first, second));
    };
    clip(start_x, step_x);
    clip(start_y, step_y);
    if (from > to) {
        return {0, 0};
    }
    return {static_cast<int>(std::floor(from)), static_cast<int>(std::ceil(to)) + 1};
}

}  // namespace nanotilt
