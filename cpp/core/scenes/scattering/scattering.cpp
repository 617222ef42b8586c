#include "scattering.hpp"

#include <cstddef>

#include "../../wire/fields.hpp"

namespace nanotilt {

ScatteringPlan read_scattering(wire::Fields& scene) {
    ScatteringPlan plan{};
    plan.legacy = scene.boolean("legacy");
    plan.images_per_run = scene.integer("images_per_run", 1, 1000000);
    double total = 0.0;
    scene.list("shares", n_contribution_kinds, n_contribution_kinds).for_each([&](const wire::Value& value, const wire::Place& at) {
        const double share = wire::number_at(value, at);
        if (!(share >= 0.0 && share <= 1e6)) {
            wire::refuse(at, "0 to 1e6", wire::words_of(value));
        }
        total += share;
        plan.shares[static_cast<std::size_t>(at.index)] = total;
    });
    if (!(total > 0.0)) {
        wire::refuse(scene.place("shares"), "one above 0", "0 for all");
    }
    for (double& share : plan.shares) {
        share /= total;
    }
    plan.further = scene.within("further", 0.0, 3.0);
    plan.diffuse = scene.within("diffuse", 0.0, 1.0);
    plan.background = scene.within("background", 0.0, 1.0);
    plan.streaks = scene.within("streaks", 0.0, 1.0);
    plan.zingers = scene.within("zingers", 0.0, 1.0);
    plan.stops = scene.within("stops", 0.0, 1.0);
    plan.edges = scene.within("edges", 0.0, 1.0);
    plan.calibration = scene.within("calibration", 0.0, 1.0);
    plan.calibration_first = scene.boolean("calibration_first");
    plan.beam_counts = scene.within("beam_counts", 0.0, 1e6);
    return plan;
}

}  // namespace nanotilt
