// One sample after another: its particle, and what the instrument sees of it.
#pragma once

#include <cstdint>
#include <cstring>

#include "../base/stop.hpp"
#include "../geometry/rings.hpp"
#include "../instruments/camera_images.hpp"
#include "../program/plan.hpp"
#include "../program/recipe_limits.hpp"
#include "../program/sample_kernels.hpp"
#include "../program/sample_scratch.hpp"
#include "../program/schedule.hpp"
#include "camera.hpp"
#include "detector.hpp"
#include "fields/sample.hpp"
#include "lattices/sample.hpp"
#include "normals.hpp"
#include "projection.hpp"
#include "rings.hpp"
#include "scattering/sample.hpp"

namespace nanotilt {
namespace {

/// A thread's scratch memory, with all zero that is to be so before the first sample.
SampleScratch cleared(const Plan& plan, const SampleScratch& scratch, StopPoints& points) {
    SampleScratch s = scratch;
    EdgeSums(s.projection.sums, projected_bins(plan)).clear();
    if (plan.camera) {
        clear_camera_scratch(plan, s.camera, points);
    }
    if (plan.scan) {
        std::memset(s.field.no_shift, 0, static_cast<std::size_t>(s.field.pitch) * sizeof(float));
    }
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

/// All views of the particle whose rings are in `s`.
[[gnu::always_inline]] inline void observe(const DetectorPlan& detector, const StreamPosition& at, const float* view_normals,
                                           float* views, float* angle_rad, SampleScratch& s, StopPoints& points) {
    const auto n_views = static_cast<int>(detector.views.size());
    const auto geometry_of = [&](int v) {
        return view_geometry(detector, detector.views[static_cast<std::size_t>(v)], view_normals[2 * v], view_normals[2 * v + 1],
                             angle_rad + v);
    };
    ViewGeometry geometry = geometry_of(0);
    meet_edges(s.rings, geometry, s.projection);
    for (int v = 0; v < n_views; ++v) {
        const bool any_marked = add_edges(s.rings, geometry, s.projection, points);
        // The next view's edges are treated before this view's sums are read, because a read of whole vectors has to wait until the
        // last additions have reached the cache. This takes 0.04 us of two views.
        if (v + 1 < n_views) {
            geometry = geometry_of(v + 1);
            meet_edges(s.rings, geometry, s.projection);
        }
        write_thickness(detector.n_bins, any_marked, s.projection, detector.background, s.signal);
        detect(detector, at, v, s.noise_normals, s.signal, s.blurred, views + static_cast<std::ptrdiff_t>(v) * detector.n_bins,
               points);
        if (points.stop_after(s.rings.n_points + detector.n_bins)) {
            return;
        }
    }
}

/// All rings of one sample. Returns the angle that its outline was turned by.
float write_scene(const ParticlePlan& particle, const StreamPosition& at, const float* normals, RingSet& rings) {
    if (particle.scene) {
        particle.scene->draw(at, normals, rings);
        return 0.0F;
    }
    return write_particle(particle, at, normals, rings);
}

/// All views that a camera takes of a sample whose class is known.
void photograph_one(const Plan& plan, const ParticlePlan& particle, const StreamPosition& at, float* views, float* angle_rad,
                    SampleScratch& s, StopPoints& points) {
    const DetectorPlan& detector = plan.detector;
    fill_normals(at, {{Purpose::particle, particle.n_normal_groups, s.particle_normals}});
    if (plan.camera->noise_kind == NoiseKind::uniform) {
        fill_uniforms(at, detector.n_noise_groups, s.noise_normals);
    } else {
        fill_normals(at, {{Purpose::noise, detector.n_noise_groups, s.noise_normals}});
    }
    const float orientation = write_scene(particle, at, s.particle_normals, s.rings);
    for (std::size_t v = 0; v < detector.views.size(); ++v) {
        angle_rad[v] = detector.views[v].angle_rad + orientation;
    }
    photograph(plan, s.rings, at, s.noise_normals, views, s.camera, s.projection, points);
}

/// What angle each view is taken at, without taking it.
void tell_angles(const Plan& plan, const ParticlePlan& particle, const StreamPosition& at, float* angle_rad, SampleScratch& s) {
    fill_normals(at, {{Purpose::particle, particle.n_normal_groups, s.particle_normals}});
    const float* view_normals = s.particle_normals + particle.view_normals;
    const float orientation = particle.polygon ? write_particle(particle, at, s.particle_normals, s.rings) : 0.0F;
    for (std::size_t v = 0; v < plan.detector.views.size(); ++v) {
        view_geometry(plan.detector, plan.detector.views[v], view_normals[2 * v], view_normals[2 * v + 1], angle_rad + v);
        if (particle.polygon || plan.camera) {  // elsewhere -0 stays -0, as in the views' own angles
            angle_rad[v] += orientation;
        }
    }
}

void sample_one(const Plan& plan, const StreamPosition& at, const SampleOutputs& out, SampleScratch& s, StopPoints& points) {
    const DetectorPlan& detector = plan.detector;
    const std::int32_t label = label_of(plan.schedule, at);
    if (out.label != nullptr) {
        *out.label = label;
    }
    const ParticlePlan& particle = plan.classes[static_cast<std::size_t>(label)];
    if (out.views == nullptr) {
        if (out.angle_rad != nullptr) {
            tell_angles(plan, particle, at, out.angle_rad, s);
        }
        return;
    }
    float* angle_rad = out.angle_rad != nullptr ? out.angle_rad : s.angles;
    if (plan.camera) {
        return photograph_one(plan, particle, at, out.views, angle_rad, s, points);
    }
    // All random numbers before the rings: these wait for the last normals of the particle, those don't.
    fill_normals(at, {{Purpose::particle, particle.n_normal_groups, s.particle_normals},
                      {Purpose::noise, detector.relative_noise > 0.0F ? detector.n_noise_groups : 0, s.noise_normals}});
    const float orientation = write_scene(particle, at, s.particle_normals, s.rings);
    if (points.stop_after(s.rings.n_points)) {
        return;
    }
    observe(detector, at, s.particle_normals + particle.view_normals, out.views, angle_rad, s, points);
    if (particle.polygon) {
        for (std::size_t v = 0; v < detector.views.size(); ++v) {
            angle_rad[v] += orientation;
        }
    }
}

/// One sample's particle and views with other roughness: normals from `rough`, all else from `at` and `nuisance`.
void redraw_one(const Plan& plan, const ParticlePlan& particle, const StreamPosition& at, const StreamPosition& rough,
                const NuisanceNormals& nuisance, float* views, SampleScratch& s, StopPoints& points) {
    float* normals = s.particle_normals;
    fill_normals(rough, {{Purpose::particle, particle.n_normal_groups, normals}});
    std::memcpy(normals, nuisance.outline, 3 * sizeof(float));
    for (std::size_t f = 0; f < particle.features.size(); ++f) {
        std::memcpy(normals + particle.features[f].parameter_normals, nuisance.features + 4 * f, 4 * sizeof(float));
    }
    std::memcpy(normals + particle.view_normals, nuisance.views, 2 * plan.detector.views.size() * sizeof(float));
    write_particle(particle, at, normals, s.rings);
    observe(plan.detector, at, normals + particle.view_normals, views, s.angles, s, points);
}

/// What else is known of sample i of those whose truths begin at `first`.
void tell_truths(const Plan& plan, const StreamPosition& at, void* const* first, std::ptrdiff_t i, SampleScratch& s) {
    const ParticlePlan& particle = plan.classes[static_cast<std::size_t>(label_of(plan.schedule, at))];
    fill_normals(at, {{Purpose::particle, particle.n_normal_groups, s.particle_normals}});
    void* own[truths_limit] = {};
    for (std::size_t k = 0; k < particle.truth_slots.size(); ++k) {
        const int slot = particle.truth_slots[k];
        if (slot >= 0 && first[slot] != nullptr) {
            const std::size_t bytes = plan.truths[static_cast<std::size_t>(slot)].bytes();
            own[k] = static_cast<char*>(first[slot]) + static_cast<std::size_t>(i) * bytes;
        }
    }
    particle.scene->tell(at, s.particle_normals, plan.frame, {own, particle.truth_slots.size()});
}

/// All that is asked of a sample of a field, of a lattice or of scattering.
void sample_whole_scene(const Plan& plan, const StreamPosition& at, const SampleOutputs& out, std::ptrdiff_t i, SampleScratch& s,
                        StopPoints& points) {
    const std::int32_t label = label_of(plan.schedule, at);
    if (out.label != nullptr) {
        *out.label = label;
    }
    if (out.angle_rad != nullptr) {
        for (std::size_t v = 0; v < plan.detector.views.size(); ++v) {
            out.angle_rad[v] = 0.0F;
        }
    }
    const ParticlePlan& particle = plan.classes[static_cast<std::size_t>(label)];
    void* own[truths_limit] = {};
    bool any = out.views != nullptr;
    for (std::size_t k = 0; out.truths != nullptr && k < particle.truth_slots.size(); ++k) {
        const int slot = particle.truth_slots[k];
        if (slot >= 0 && out.truths[slot] != nullptr) {
            const std::size_t bytes = plan.truths[static_cast<std::size_t>(slot)].bytes();
            own[k] = static_cast<char*>(out.truths[slot]) + static_cast<std::size_t>(i) * bytes;
            any = true;
        }
    }
    if (any && plan.scan) {
        scan_field(plan, particle, at, out.views, own, s.field, points);
    } else if (any && plan.area) {
        see_scattering(plan, particle, at, out.views, own, s.scattering, points);
    } else if (any) {
        image_atoms(plan, particle, at, out.views, own, s.atoms, points);
    }
}

void sample_range(const Plan& plan, PhiloxKey key, std::uint32_t domain, std::uint64_t start, std::ptrdiff_t count,
                  const SampleOutputs& out, const SampleScratch& scratch, const Stop& stop) {
    StopPoints points(stop);
    SampleScratch s = cleared(plan, scratch, points);
    const auto n_views = static_cast<std::ptrdiff_t>(plan.detector.views.size());
    const std::ptrdiff_t n_values = n_views * plan.detector.n_bins;
    for (std::ptrdiff_t i = 0; i < count && !points.stop_after(n_values); ++i) {
        const StreamPosition at{key, domain, start + static_cast<std::uint64_t>(i)};
        if (plan.has_no_rings()) {
            sample_whole_scene(plan, at, out.from(i, n_values, n_views), i, s, points);
            continue;
        }
        sample_one(plan, at, out.from(i, n_values, n_views), s, points);
        if (out.truths != nullptr) {
            tell_truths(plan, at, out.truths, i, s);
        }
    }
}

void redraw(const Plan& plan, int label, const StreamPosition& at, PhiloxKey rough_key, const NuisanceNormals& nuisance,
            std::ptrdiff_t count, float* views, const SampleScratch& scratch, const Stop& stop) {
    StopPoints points(stop);
    SampleScratch s = cleared(plan, scratch, points);
    const auto n_values = static_cast<std::ptrdiff_t>(plan.detector.views.size()) * plan.detector.n_bins;
    for (std::ptrdiff_t i = 0; i < count && !points.stop_after(n_values); ++i) {
        redraw_one(plan, plan.classes[static_cast<std::size_t>(label)], at, {rough_key, 0, static_cast<std::uint64_t>(i)}, nuisance,
                   views + i * n_values, s, points);
    }
}

}  // namespace
}  // namespace nanotilt
