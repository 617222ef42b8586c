// Kernels that draw samples.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../base/philox.hpp"
#include "../base/stop.hpp"
#include "../geometry/rings.hpp"
#include "plan.hpp"

namespace nanotilt {

struct SampleScratch;

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

struct SampleKernels {
    /// Samples start ... start + count, see Sampler::sample. `scratch`: take_sample_scratch.
    void (*sample)(const Plan& plan, PhiloxKey key, std::uint32_t domain, std::uint64_t start, std::ptrdiff_t count,
                   const SampleOutputs& out, const SampleScratch& scratch, const Stop& stop);

    /// Rings of one sample. `rings` has room for plan.max_points and plan.max_rings; `normals` for plan.max_particle_normals; a
    /// vector more of each.
    void (*particle)(const ParticlePlan& particle, const StreamPosition& at, float* normals, RingSet& rings);

    /// Standard normals: n_groups * 64 of one purpose.
    void (*normals)(const StreamPosition& at, Purpose purpose, std::ptrdiff_t n_groups, float* out);

    /// `count` views of one sample as if it were of class `label`, each with other roughness. `scratch`:
    /// take_sample_scratch.
    void (*redraw)(const Plan& plan, int label, const StreamPosition& at, PhiloxKey rough_key, const NuisanceNormals& nuisance,
                   std::ptrdiff_t count, float* views, const SampleScratch& scratch, const Stop& stop);

    /// Words that say which pixels a scan visits, see instruments/scan_mask.hpp.
    void (*scan_words)(const StreamPosition& at, std::uint32_t frame, std::uint32_t first_block, std::uint32_t* words);
};

}  // namespace nanotilt
