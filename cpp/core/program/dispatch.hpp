// The kernels, compiled once per SIMD level from one source, and the choice among them at run time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "../base/philox.hpp"
#include "../base/stop.hpp"
#include "../inference/pair_assignment.hpp"
#include "../inference/template_likelihood.hpp"
#include "../tomography/tomography.hpp"
#include "plan.hpp"

namespace nanotilt {

struct ProjectionScratch;
struct SampleScratch;

/// One ring inside a RingSet.
struct RingSpan {
    int begin;  // first point
    int n;      // corners; point begin + n repeats the first
    float density;
    bool simple;  // known not to cross itself: thickness follows from signed edges, without sorting
};

/// Rings as arrays of points: each ring's corners, then its first corner again up to the next multiple of lane_count. An edge runs
/// from point i to point i + 1; `weight` is density times orientation for edges of simple rings, 0 for the rest (edges of rings
/// that may cross themselves, which are projected by the even-odd rule; links from ring to ring; padding).
/// x, y and weight have n_points + lane_count elements at least, and n_points is a multiple of lane_count.
struct RingSet {
    float* x;
    float* y;
    float* weight;
    RingSpan* spans;
    int n_rings;
    int n_points;
};

/// Where rays or bins lie, in one view: ray k at u = k, u = x * bins_per_length - ...; turned by (sin, cos) about a point.
struct ViewGeometry {
    float sin;
    float cos;
    float about_x;
    float about_y;
    float lower;  // shift included
    float bins_per_length;
    int n_bins;
    Sampling sampling;
};

/// What Sampler::draws tells of one sample, for redrawing it.
struct NuisanceNormals {
    const float* outline;   // 3
    const float* features;  // four for each feature of the class it is redrawn as
    const float* views;     // two for each view
};

/// Where the outputs of consecutive samples go; null where an output is not asked for.
struct SampleOutputs {
    float* views;
    std::int32_t* label;
    float* angle_rad;
    void* const* truths = nullptr;  // of the first sample, one for each of Plan::truths; null: none is asked for

    /// Where those go that come i samples later.
    [[nodiscard]] SampleOutputs from(std::ptrdiff_t i, std::ptrdiff_t n_values, std::ptrdiff_t n_views) const {
        return {views == nullptr ? nullptr : views + i * n_values, label == nullptr ? nullptr : label + i,
                angle_rad == nullptr ? nullptr : angle_rad + i * n_views, truths};
    }
};

/// Where a Stop is handed over, a kernel asks it and leaves its work undone when it is wanted; the others take less than 0.1 s.
struct KernelTable {
    const char* level;

    /// Samples start ... start + count, see Sampler::sample. `scratch`: take_sample_scratch.
    void (*sample)(const Plan& plan, PhiloxKey key, std::uint32_t domain, std::uint64_t start, std::ptrdiff_t count,
                   const SampleOutputs& out, const SampleScratch& scratch, const Stop& stop);

    /// Rings of one sample. `rings` has room for plan.max_points and plan.max_rings; `normals` for plan.max_particle_normals; a
    /// vector more of each.
    void (*particle)(const ParticlePlan& particle, const StreamPosition& at, float* normals, RingSet& rings);

    /// Thickness of all rings in one view (n_bins).
    void (*project)(const RingSet& rings, const ViewGeometry& view, float* thickness, const ProjectionScratch& scratch,
                    const Stop& stop);

    /// One blurred row of n; `scratch` holds n + 2 * radius floats.
    void (*blur_row)(const float* in, std::ptrdiff_t n, const float* weights, std::ptrdiff_t radius, float* scratch, float* out,
                     const Stop& stop);

    /// Standard normals: n_groups * 64 of one purpose.
    void (*normals)(const StreamPosition& at, Purpose purpose, std::ptrdiff_t n_groups, float* out);

    /// Adds all templates to the sums of n_samples samples (add_templates).
    void (*add_templates)(const TemplatePanels& panels, const float* samples, std::ptrdiff_t n_samples, const TemplateSums& totals,
                          const TemplateScratch& scratch, const Stop& stop);

    /// `count` views of one sample as if it were of class `label`, each with other roughness. `scratch`:
    /// take_sample_scratch.
    void (*redraw)(const Plan& plan, int label, const StreamPosition& at, PhiloxKey rough_key, const NuisanceNormals& nuisance,
                   std::ptrdiff_t count, float* views, const SampleScratch& scratch, const Stop& stop);

    /// sums[i] += over all rows, row r's value at column start + r * step + i, linear between columns, 0 outside.
    void (*sum_lines)(const PixelRows& rows, double start, double step, float* sums, std::ptrdiff_t n_sums);

    /// out[r * stride + i] += samples at position start + r * step + i, linear between samples; all positions are inside.
    void (*spread_lines)(const PhasedSamples& samples, double start, double step, std::ptrdiff_t n_rows, std::ptrdiff_t n_columns,
                         float* out, std::ptrdiff_t stride);

    /// out[i] = row at start + i * step, linear in between, for i in first ... last; `row` has one number more than is met.
    void (*resample)(const float* row, double start, double step, std::ptrdiff_t first, std::ptrdiff_t last, float* out);

    /// A row of n convolved with 2 * n - 1 numbers, the middle one at distance 0.
    void (*convolve)(const float* row, std::ptrdiff_t n, const float* kernel, float* out);

    /// The adjoint of sum_lines: adds sums[i] to row r at column start + r * step + i, shared between the columns beside it.
    void (*spread_sums)(const float* sums, std::ptrdiff_t n_sums, double start, double step, const WritableRows& rows);

    /// Soft assignment of rows to templates (assign_rows).
    void (*assign_rows)(const TemplatePanels& panels, const AssignedRows& rows, const AssignmentSums& sums, float* scratch,
                        const Stop& stop);

    /// Sum of squared differences of n numbers.
    float (*squared_distance)(const float* a, const float* b, std::ptrdiff_t n);

    /// out (n_rows, n_columns) = a (n_rows, n_inner) b (n_inner, n_columns).
    void (*multiply_matrices)(const double* a, const double* b, std::ptrdiff_t n_rows, std::ptrdiff_t n_inner,
                              std::ptrdiff_t n_columns, double* out);

    /// An image less the largest value of its outermost pixels, where no particle is, cut at 0.
    void (*remove_background)(const float* in, std::ptrdiff_t n_rows, std::ptrdiff_t n_columns, float* out, const Stop& stop);

    /// An image rolled by whole pixels so that its centre of mass comes as close to its middle as that can bring it. `scratch`
    /// holds 2 * n_columns.
    void (*roll_to_middle)(const float* in, std::ptrdiff_t n_rows, std::ptrdiff_t n_columns, double* scratch, float* out,
                           const Stop& stop);
};

/// The kernels in use: the best level that the processor has, or the one that NANOTILT_SIMD names (v2, v3, v4; baseline where
/// these do not exist). Throws std::invalid_argument when that names none, or one that this processor lacks.
const KernelTable& active_kernels();

/// Levels that this processor can run, lowest first.
std::vector<std::string> supported_levels();

}  // namespace nanotilt
