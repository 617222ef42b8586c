// The sampler: (recipe, seed, index range) -> views, labels and tilt angles.
//
// Sample i of (recipe, seed) is a pure function: its bits depend neither on the number of threads, nor on how a range is
// split into calls, nor on the SIMD level of the kernels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace nanotilt {

struct Plan;  // recipe.hpp

/// One closed polygon of a particle, as the simulation draws it (before any tilt).
struct DensityRing {
    std::vector<float> x;
    std::vector<float> y;
    float density;
};

/// Draws samples of one recipe. Immutable after construction, so that any number of threads may share it.
class Sampler {
   public:
    /// `packed` is the little-endian array of doubles that nanotilt.Recipe packs (recipe.hpp gives the order).
    /// Throws std::invalid_argument when it is not one, or was packed for another stream version.
    explicit Sampler(std::string_view packed);
    ~Sampler();
    Sampler(const Sampler&) = delete;
    Sampler& operator=(const Sampler&) = delete;

    [[nodiscard]] std::ptrdiff_t n_views() const noexcept;
    [[nodiscard]] std::ptrdiff_t n_bins() const noexcept;

    /// Samples start ... start + count of the stream. `views` has count * n_views * n_bins elements, `label` count,
    /// `angle_rad` count * n_views. `n_threads` >= 1. Throws std::bad_alloc only (scratch memory), before any work starts.
    void sample(std::uint64_t seed, std::uint64_t start, std::ptrdiff_t count, float* views, std::int32_t* label, float* angle_rad,
                int n_threads) const;

    /// The rings of one sample's particle.
    [[nodiscard]] std::vector<DensityRing> particle(std::uint64_t seed, std::uint64_t index) const;

    /// Smallest and largest view value over the first `count` samples of the reserved calibration stream, without
    /// normalisation. No seed of a user ever draws from that stream.
    [[nodiscard]] std::pair<float, float> calibrate(std::ptrdiff_t count, int n_threads) const;

   private:
    std::unique_ptr<const Plan> plan_;
};

}  // namespace nanotilt
