// The kernel table of one SIMD level. CMake compiles this file once per level, with NANOTILT_LEVEL set to the level's name and the
// compiler told to use its instructions; only `table` is visible outside, all else has internal linkage, so that no code for
// one level can stand in for another's.
#include "../dispatch.hpp"
#include "../schedule.hpp"
#include "detector.hpp"
#include "normals.hpp"
#include "projection.hpp"
#include "rings.hpp"

#define NANOTILT_TEXT_OF(name) #name
#define NANOTILT_TEXT(name) NANOTILT_TEXT_OF(name)

namespace nanotilt {
namespace {

// Whole buffers of one thread: rings, normals, noise, then the projection's and the blur's parts.
struct SampleScratch {
    RingSet rings;
    float* particle_normals;
    float* noise_normals;
    ProjectionScratch projection;
    float* row;
};

SampleScratch carve_sample_scratch(const Plan& plan, float* memory) {
    SampleScratch s{};
    const int points = plan.max_points + lane_count;
    s.rings.x = memory;
    s.rings.y = s.rings.x + points;
    s.rings.weight = s.rings.y + points;
    s.particle_normals = s.rings.weight + points;
    s.noise_normals = s.particle_normals + plan.max_particle_normals;
    s.row = s.noise_normals + static_cast<std::ptrdiff_t>(plan.detector.n_noise_groups) * normals_per_group;
    const auto radius = static_cast<int>(plan.detector.blur_weights.size()) - 1;
    float* after_row = s.row + padded(plan.detector.n_bins + 2 * radius + lane_count);
    s.rings.spans = reinterpret_cast<RingSpan*>(after_row);
    float* after_spans = after_row + padded(static_cast<int>(sizeof(RingSpan) / sizeof(float)) * plan.max_rings);
    s.projection = carve_projection_scratch(after_spans, plan.max_points, plan.detector.n_bins);
    return s;
}

ViewGeometry view_geometry(const DetectorPlan& detector, const ViewAngle& view, float shift_normal, float tilt_normal,
                           float* angle_rad) {
    ViewGeometry geometry{view.sin,
                          view.cos,
                          detector.about_x,
                          detector.about_y,
                          detector.lower + detector.shift_std * shift_normal,
                          detector.bins_per_length,
                          detector.n_bins,
                          detector.sampling};
    *angle_rad = view.angle_rad;
    if (detector.angle_std_rad > 0.0F) {
        // Turn by the nominal angle, exact to float, then by the deviation.
        const float deviation = detector.angle_std_rad * tilt_normal;
        const SinCos extra = sincos_float(deviation);
        geometry.sin = view.sin * extra.cos + view.cos * extra.sin;
        geometry.cos = view.cos * extra.cos - view.sin * extra.sin;
        *angle_rad += deviation;
    }
    return geometry;
}

void sample_one(const Plan& plan, const StreamPosition& at, float* views, std::int32_t* label, float* angle_rad, SampleScratch& s) {
    const DetectorPlan& detector = plan.detector;
    *label = label_of(plan.schedule, at);
    const ParticlePlan& particle = plan.classes[static_cast<std::size_t>(*label)];
    write_particle(particle, at, s.particle_normals, s.rings);
    if (detector.noise > 0.0F) {
        fill_normals(at, Purpose::noise, detector.n_noise_groups, s.noise_normals);
    }
    const float* view_normals = s.particle_normals + particle.view_normals;
    const auto n_views = static_cast<int>(detector.views.size());
    for (int v = 0; v < n_views; ++v) {
        const ViewGeometry geometry = view_geometry(detector, detector.views[static_cast<std::size_t>(v)], view_normals[2 * v],
                                                    view_normals[2 * v + 1], angle_rad + v);
        float* thickness = project_rings(s.rings, geometry, s.projection);
        detect(detector, at, v, s.noise_normals, thickness, s.row, views + static_cast<std::ptrdiff_t>(v) * detector.n_bins);
    }
}

void sample_range(const Plan& plan, PhiloxKey key, std::uint32_t domain, std::uint64_t start, std::ptrdiff_t count, float* views,
                  std::int32_t* label, float* angle_rad, float* scratch) {
    SampleScratch s = carve_sample_scratch(plan, scratch);
    const auto n_views = static_cast<std::ptrdiff_t>(plan.detector.views.size());
    const std::ptrdiff_t n_values = n_views * plan.detector.n_bins;
    for (std::ptrdiff_t i = 0; i < count; ++i) {
        const StreamPosition at{key, domain, start + static_cast<std::uint64_t>(i)};
        sample_one(plan, at, views + i * n_values, label + i, angle_rad + i * n_views, s);
    }
}

void particle_rings(const ParticlePlan& particle, const StreamPosition& at, float* normals, RingSet& rings) {
    write_particle(particle, at, normals, rings);
}

void project_view(const RingSet& rings, const ViewGeometry& view, float* thickness, float* scratch) {
    const float* sums = project_rings(rings, view, carve_projection_scratch(scratch, rings.n_points, view.n_bins));
    for (int k = 0; k < view.n_bins; ++k) {
        thickness[k] = sums[k];
    }
}

void blurred_row(const float* in, std::ptrdiff_t n, const float* weights, std::ptrdiff_t radius, float* scratch, float* out) {
    blur_row(in, n, weights, radius, scratch, out);
}

void standard_normals(const StreamPosition& at, Purpose purpose, std::ptrdiff_t n_groups, float* out) {
    fill_normals(at, purpose, n_groups, out);
}

}  // namespace

namespace NANOTILT_LEVEL {
extern const KernelTable table;
const KernelTable table{NANOTILT_TEXT(NANOTILT_LEVEL), sample_range, particle_rings, project_view, blurred_row, standard_normals};
}  // namespace NANOTILT_LEVEL

}  // namespace nanotilt
