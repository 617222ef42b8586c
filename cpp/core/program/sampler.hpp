// The sampler: (recipe, seed, index range) -> views, labels and tilt angles.
//
// Sample i of (recipe, seed) is a pure function: its bits depend neither on the number of threads, nor on how a range is
// split into calls, nor on the SIMD level of the kernels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "../base/stop.hpp"
#include "spec.hpp"

namespace nanotilt {

struct Plan;  // program/plan.hpp

/// One closed polygon of a particle, as the simulation draws it (before any tilt).
struct DensityRing {
    std::vector<float> x;
    std::vector<float> y;
    float density;
};

/// Draws samples of one recipe. Immutable after construction, so that any number of threads may share it.
class Sampler {
   public:
    /// `packed` is what nanotilt.Recipe.packed gives, or packed doubles of before (program/compile.hpp).
    /// Throws std::invalid_argument when it is not one, or was packed for another stream version; Stopped.
    explicit Sampler(std::string_view packed, const Stop& stop = never);
    ~Sampler();
    Sampler(const Sampler&) = delete;
    Sampler& operator=(const Sampler&) = delete;

    [[nodiscard]] std::ptrdiff_t n_views() const noexcept;
    [[nodiscard]] std::ptrdiff_t n_bins() const noexcept;

    /// What a sample holds.
    [[nodiscard]] const SampleSpec& spec() const noexcept;

    /// Samples start ... start + count of the stream. `outputs`: for each output of the spec, in its order, where `count` of them
    /// go; null where it is not asked for, and then it is not computed either. `n_threads` >= 1. Throws, before any work starts,
    /// std::bad_alloc (scratch memory), and std::invalid_argument when there are more or fewer pointers than outputs.
    void sample(std::uint64_t seed, std::uint64_t start, std::ptrdiff_t count, std::span<void* const> outputs, int n_threads,
                const Stop& stop = never) const;

    /// The rings of one sample's particle.
    [[nodiscard]] std::vector<DensityRing> particle(std::uint64_t seed, std::uint64_t index) const;

    /// What samples start ... start + count were drawn from, apart from roughness and noise. Per sample: `label`; `outline`:
    /// normals of radius, centre x and centre y; `features`: four normals (radius, straightness, widening, max_thickness) of each
    /// of n_features(); `placements`: direction in turns, offset in units of the largest, start angle in turns, of each; `views`:
    /// normals of shift and tilt of each view. Features that the sample's class lacks get zeros.
    struct Draws {
        std::int32_t* label;
        float* outline;
        float* features;
        double* placements;
        float* views;
    };
    void draws(std::uint64_t seed, std::uint64_t start, std::ptrdiff_t count, const Draws& out, const Stop& stop = never) const;

    /// Samples start ... start + count as if they were of class `label`, n_redraws times each with other roughness: `outline`,
    /// `features` and `views` as in Draws. `out` has count * n_redraws * n_views * n_bins elements.
    void redraw(std::uint64_t seed, std::uint64_t start, std::ptrdiff_t count, int label, const float* outline,
                const float* features, const float* views, std::uint64_t rough_seed, std::ptrdiff_t n_redraws, float* out,
                int n_threads, const Stop& stop = never) const;

    /// Number of classes.
    [[nodiscard]] std::ptrdiff_t n_classes() const noexcept;

    /// Most features of any class.
    [[nodiscard]] std::ptrdiff_t n_features() const noexcept;

    /// Smallest and largest view value over the first `count` samples of the reserved calibration stream, without
    /// normalisation; NaN, both, if any value is not finite. No seed of a user ever draws from that stream.
    [[nodiscard]] std::pair<float, float> calibrate(std::ptrdiff_t count, int n_threads, const Stop& stop = never) const;

   private:
    std::unique_ptr<const Plan> plan_;
    SampleSpec spec_;
};

}  // namespace nanotilt
