// A recipe compiled: plain structs and tables worked out once, which no sample changes.
#pragma once

#include <optional>
#include <vector>

#include "../base/layout.hpp"
#include "../instruments/area_detector.hpp"
#include "../instruments/atom_imaging.hpp"
#include "../instruments/camera.hpp"
#include "../instruments/chain.hpp"
#include "../instruments/scanning_camera.hpp"
#include "../scenes/particle.hpp"
#include "schedule.hpp"

namespace nanotilt {

/// Changes whenever the bits of any stream change; mirrored in nanotilt.recipes.recipe.
inline constexpr int stream_version = 2;

/// Changes whenever the bits of any camera's views change; mirrored in nanotilt.instruments.camera, and part of the digests of
/// recipes with a camera.
inline constexpr int camera_version = 3;

struct Plan {
    ClassSchedule schedule;
    DetectorPlan detector;
    std::optional<CameraPlan> camera;  // instead of a line of bins
    std::optional<ScanPlan> scan;      // likewise
    std::optional<AtomPlan> atoms;     // likewise
    std::optional<AreaPlan> area;      // likewise
    std::vector<ParticlePlan> classes;
    ParticleTables tables;  // shared by all classes
    Frame frame;
    std::vector<Output> truths;  // beside label and angles, what all classes can tell
    int max_points;
    int max_particle_normals;
    int max_ring_corners;
    int max_rings;
    int max_bodies;

    /// Whether views are made of whole scenes, and not of rings.
    [[nodiscard]] bool has_no_rings() const { return scan.has_value() || atoms.has_value() || area.has_value(); }
};

}  // namespace nanotilt
