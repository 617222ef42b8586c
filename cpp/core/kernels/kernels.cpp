// The kernel tables of one SIMD level. CMake compiles this file once per level, with NANOTILT_LEVEL set to the level's name and the
// compiler told to use its instructions; only `kernels` is visible outside, all else has internal linkage, so that no code for
// one level can stand in for another's.
#include <cstdint>
#include <cstring>

#include "../geometry/geometry_kernels.hpp"
#include "../inference/inference_kernels.hpp"
#include "../polar/polar_kernels.hpp"
#include "../program/sample_kernels.hpp"
#include "../simd/choose.hpp"
#include "../tomography/tomography_kernels.hpp"
#include "images.hpp"
#include "matrix_product.hpp"
#include "normals.hpp"
#include "pair_assignment.hpp"
#include "polar.hpp"
#include "projection.hpp"
#include "rings.hpp"
#include "sample.hpp"
#include "template_sums.hpp"
#include "tomography.hpp"

#define NANOTILT_TEXT_OF(name) #name
#define NANOTILT_TEXT(name) NANOTILT_TEXT_OF(name)

namespace nanotilt {
namespace {

void particle_rings(const ParticlePlan& particle, const StreamPosition& at, float* normals, RingSet& rings) {
    fill_normals(at, {{Purpose::particle, particle.n_normal_groups, normals}});
    write_scene(particle, at, normals, rings);
}

void project_view(const RingSet& rings, const ViewGeometry& view, float* thickness, const ProjectionScratch& s, const Stop& stop) {
    StopPoints points(stop);
    EdgeSums(s.sums, view.n_bins).clear();
    meet_edges(rings, view, s);
    const bool any_marked = add_edges(rings, view, s, points);
    write_thickness(view.n_bins, any_marked, s, 0.0F, thickness);
}

void blurred_row(const float* in, std::ptrdiff_t n, const float* weights, std::ptrdiff_t radius, float* scratch, float* out,
                 const Stop& stop) {
    StopPoints points(stop);
    float* row = scratch + radius;
    std::memcpy(row, in, static_cast<std::size_t>(n) * sizeof(float));
    reflect_ends(row, n, radius);
    blur(row, n, weights, radius, out, [=](std::ptrdiff_t i, float sum) { out[i] = sum; }, points);
}

void without_background(const float* in, std::ptrdiff_t n_rows, std::ptrdiff_t n_columns, float* out, const Stop& stop) {
    StopPoints points(stop);
    const float level = rim_level(in, n_rows, n_columns);
    for (std::ptrdiff_t row = 0; row < n_rows && !points.stop_after(n_columns); ++row) {
        float* values = out + row * n_columns;
        std::memcpy(values, in + row * n_columns, static_cast<std::size_t>(n_columns) * sizeof(float));
        subtract_level(values, n_columns, level);
    }
}

void rolled_to_middle(const float* in, std::ptrdiff_t n_rows, std::ptrdiff_t n_columns, double* scratch, float* out,
                      const Stop& stop) {
    StopPoints points(stop);
    const Roll roll = roll_to_middle(in, n_rows, n_columns, scratch, points);
    write_rolled(in, n_rows, n_columns, roll, 0.0F, 1.0F, out, points);
}

void standard_normals(const StreamPosition& at, Purpose purpose, std::ptrdiff_t n_groups, float* out) {
    fill_normals(at, {{purpose, n_groups, out}});
}

void add_template_panels(const TemplatePanels& panels, const float* samples, std::ptrdiff_t n_samples, const TemplateSums& totals,
                         const TemplateScratch& s, const Stop& stop) {
    static_assert(tile_lanes <= lane_count);
    StopPoints points(stop);
    const auto n = static_cast<std::size_t>(n_samples);
    const std::ptrdiff_t lanes_per_sample = static_cast<std::ptrdiff_t>(totals.n_widths) * tile_lanes;
    float* norms = s.norms;
    float* smallest = s.smallest;
    float* lane_sums = s.lane_sums;
    for (std::ptrdiff_t i = 0; i < n_samples; ++i) {
        norms[i] = squared_norm(samples + i * panels.n_values, panels.n_values);
        smallest[i] = totals.smallest[i];
    }
    std::memset(lane_sums, 0, n * static_cast<std::size_t>(lanes_per_sample) * sizeof(float));
    for (std::ptrdiff_t panel = 0; panel < panels.n_panels && !points.stop_after(n_samples * panels.n_values); ++panel) {
        for (std::ptrdiff_t i = 0; i < n_samples; i += rows_at_once) {
            const std::ptrdiff_t count = n_samples - i < rows_at_once ? n_samples - i : rows_at_once;
            add_panel(panels, panel, samples + i * panels.n_values, count, norms + i, smallest + i,
                      {lane_sums + i * lanes_per_sample, totals.n_widths, totals.narrowness});
        }
    }
    for (std::ptrdiff_t i = 0; i < n_samples; ++i) {
        collect({lane_sums + i * lanes_per_sample, totals.n_widths, totals.narrowness}, totals.smallest[i], smallest[i],
                totals.sums + i * totals.n_widths);
        totals.smallest[i] = smallest[i];
    }
}

}  // namespace

namespace NANOTILT_LEVEL {

static const SampleKernels samples{sample_range, particle_rings, standard_normals, redraw, draw_scan_words};

static const GeometryKernels geometry{project_view, blurred_row, without_background, rolled_to_middle};

static const TomographyKernels tomography{sum_lines, spread_lines, resample, convolve, spread_sums};

static const InferenceKernels inference{add_template_panels, assign_rows, squared_distance, multiply_matrices};

static const PolarKernels polar{cells_of_row, sum_shell, draw_shell, add_rows, multiply_rows};

extern const Kernels kernels;
const Kernels kernels{NANOTILT_TEXT(NANOTILT_LEVEL), samples, geometry, tomography, inference, polar};

}  // namespace NANOTILT_LEVEL

}  // namespace nanotilt
