// The classes of a packed recipe, read into ParticlePlans: their features, polygons, tables, and the layout of what they draw from.
#pragma once

#include "packed_reader.hpp"
#include "recipe.hpp"

namespace nanotilt {

/// Reads one class after another into a plan whose views are known.
class ParticleReader {
   public:
    ParticleReader(PackedReader& in, Plan& plan) : in_(in), plan_(plan) {}

    /// Reads the next class and adds it to the plan. Throws std::invalid_argument where it is malformed, or where all classes so
    /// far ask for more memory than recipe_limits.hpp allows.
    void read();

   private:
    void read_features(ParticlePlan& particle, int n_features);
    void read_polygon(ParticlePlan& particle);
    void set_directions(ParticlePlan& particle);

    PackedReader& in_;
    Plan& plan_;
    int n_features_ = 0;
    int n_polygon_corners_ = 0;
    int n_directions_ = 0;
};

}  // namespace nanotilt
