#include "field.hpp"

#include <array>
#include <cmath>
#include <string>
#include <string_view>

#include "../base/elementary.hpp"
#include "../program/recipe_limits.hpp"
#include "../wire/fields.hpp"

namespace nanotilt {
namespace {

constexpr double largest_length = 1e6;
constexpr double largest_log_std = 3.0;

double length_of(wire::Fields& scene, std::string_view name, double least) {
    return scene.within(name, least, largest_length);
}

}  // namespace

bool FieldPlan::moves() const {
    return step > 0.0 || flow[0] != 0.0 || flow[1] != 0.0 || stage_step > 0.0 || growth != 0.0 || coalescing || births > 0.0 ||
           death > 0.0 || blinking > 0.0;
}

FieldPlan read_field(wire::Fields& scene) {
    FieldPlan f{};
    f.number = scene.within("number", 0.0, bodies_limit);
    f.max_bodies = scene.integer("max_particles", 1, bodies_limit);
    f.placing = static_cast<Placing>(scene.choice("placing", {"apart", "free", "clusters", "lattice"}));
    f.gap = static_cast<float>(length_of(scene, "gap_px", 0.0));
    f.cluster_size = scene.within("cluster_size", 1.0, bodies_limit);
    f.cluster_spread = length_of(scene, "cluster_spread_px", 0.0);
    f.lattice_jitter = scene.within("lattice_jitter", 0.0, 1.0);
    f.radius = length_of(scene, "radius_px", 0.5);
    f.radius_log_std = scene.within("radius_log_std", 0.0, largest_log_std);
    double total = 0.0;
    constexpr std::array<std::string_view, n_body_kinds> names{"ellipsoids", "rods", "polyhedra", "rough"};
    for (std::size_t kind = 0; kind < names.size(); ++kind) {
        total += scene.within(names[kind], 0.0, 1e6);
        f.shares[kind] = total;
    }
    if (!(total > 0.0)) {
        wire::refuse(scene.place("ellipsoids"), "a share of which one kind of body has more than 0", "0 for all of them");
    }
    for (double& share : f.shares) {
        share /= total;
    }
    f.axis_log_std = scene.within("axis_log_std", 0.0, 1.0);
    const auto aspect = scene.pair("rod_aspect");
    f.rod_aspect = {aspect[0], aspect[1]};
    if (!(aspect[0] >= 1.0F && aspect[0] <= aspect[1] && aspect[1] <= 100.0F)) {
        wire::refuse(scene.place("rod_aspect"), "(least, most) of 1 to 100", "another pair");
    }
    const wire::List solids = scene.list("solids", 1, 64);
    solids.for_each([&](const wire::Value& value, const wire::Place& at) {
        f.solids.push_back(static_cast<SolidKind>(wire::integer_at(value, at, 0, n_solids - 1)));
    });
    f.roughness = scene.within("roughness", 0.0, 1.0);
    f.rough_thickness = static_cast<float>(length_of(scene, "rough_thickness_px", 0.0));
    f.contrast = scene.within("contrast", -100.0, 100.0);
    f.contrast_log_std = scene.within("contrast_log_std", 0.0, largest_log_std);
    f.ramp_std = scene.within("ramp_std", 0.0, 10.0);
    f.texture_rms = scene.within("texture_rms", 0.0, 10.0);
    f.texture_length = length_of(scene, "texture_px", 0.1);
    f.step = length_of(scene, "step_px", 0.0);
    const auto flow = scene.pair("flow_px");
    for (std::size_t axis = 0; axis < 2; ++axis) {
        f.flow[axis] = flow[axis];
        if (!(std::fabs(f.flow[axis]) <= largest_length)) {
            wire::refuse(scene.place("flow_px"), "within -1e6 ... 1e6", std::to_string(f.flow[axis]));
        }
    }
    f.stage_step = length_of(scene, "stage_step_px", 0.0);
    f.growth = scene.within("growth_px3", -1e6, 1e6);
    f.coalescing = scene.boolean("coalescing");
    f.births = scene.within("births", 0.0, 1.0);
    f.death = scene.within("death", 0.0, 1.0);
    f.blinking = scene.within("blinking", 0.0, 1.0);
    // The largest size that a normal of six standard deviations makes is still a number of pixels that can be squared.
    if (f.radius * exp_double(7.0 * f.radius_log_std) > largest_length) {
        wire::refuse(scene.place("radius_log_std"), "so small that radius_px * exp(7 radius_log_std) is <= 1e6",
                     std::to_string(f.radius_log_std));
    }
    return f;
}

}  // namespace nanotilt
