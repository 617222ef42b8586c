#include "sample_scratch.hpp"

namespace nanotilt {

int projected_bins(const Plan& plan) {
    return plan.has_no_rings() || (plan.camera && !plan.camera->projected) ? 1 : plan.detector.n_bins;
}

SampleScratch take_sample_scratch(Arena& arena, const Plan& plan) {
    // Rings and normals have a vector more than they need, because kernels work in whole vectors.
    const std::ptrdiff_t points = plan.max_points + lane_count;
    const int n_bins = plan.has_no_rings() ? 1 : plan.detector.n_bins;  // whose frames have memory of their own
    SampleScratch s{};
    s.rings.x = arena.take<float>(points);
    s.rings.y = arena.take<float>(points);
    s.rings.weight = arena.take<float>(points);
    s.particle_normals = arena.take<float>(plan.max_particle_normals + lane_count);
    s.noise_normals = arena.take<float>(plan.detector.n_noise_groups, normals_per_group);
    s.angles = arena.take<float>(static_cast<std::ptrdiff_t>(plan.detector.views.size()));
    s.signal = arena.take_inside<float>(padded(static_cast<int>(plan.detector.blur_weights.size()) - 1), padded(n_bins));
    s.blurred = arena.take<float>(padded(n_bins));
    s.rings.spans = arena.take<RingSpan>(plan.max_rings);
    s.projection = take_projection_scratch(arena, plan.max_points, plan.max_ring_corners, projected_bins(plan));
    if (plan.camera) {
        s.camera = take_camera_scratch(arena, plan);
    }
    if (plan.scan) {
        s.field = take_field_scratch(arena, plan);
    }
    if (plan.atoms) {
        s.atoms = take_atom_scratch(arena, plan);
    }
    if (plan.area) {
        s.scattering = take_scattering_scratch(arena, plan);
    }
    return s;
}

}  // namespace nanotilt
