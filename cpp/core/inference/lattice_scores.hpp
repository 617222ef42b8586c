// What a fitted lattice does not explain: holes, bumps, and places where a defect's template fits.
#pragma once

#include <vector>

#include "../base/arena.hpp"
#include "lattice_model.hpp"

namespace nanotilt {

class LatticeScores {
   public:
    explicit LatticeScores(const LatticeFitPlan& plan);

    struct Scratch {
        float* image;  // with a rim of pad_ pixels
        float* half_done;
        float* blurred;
        float* spread;
    };
    Scratch take(Arena& arena) const;

    /// Fills the scores of an image from its counts and the model, which are those of `fit`.
    void write(const LatticeEstimate& estimate, const LatticeScratch& fit, const Scratch& s, LatticeFigures& figures) const;

    /// Fills rotation, scale, strain and origin.
    void write_geometry(const LatticeEstimate& estimate, LatticeFigures& figures) const;

   private:
    void blur(const Scratch& s, const std::vector<float>& weights, std::ptrdiff_t rim, float* out) const;
    void write_blobs(const LatticeScratch& fit, const Scratch& s, LatticeFigures& figures) const;
    void write_match(const LatticeEstimate& estimate, const LatticeScratch& fit, const Scratch& s, LatticeFigures& figures) const;
    [[nodiscard]] double value_at(const float* image, double x, double y) const;

    const LatticeFitPlan& plan_;
    std::vector<float> blob_weights_;
    std::vector<float> blob_spread_weights_;
    std::vector<float> probe_weights_;
    std::vector<float> probe_spread_weights_;
    std::ptrdiff_t pad_;
    std::ptrdiff_t stride_;
    double template_square_;
};

}  // namespace nanotilt
