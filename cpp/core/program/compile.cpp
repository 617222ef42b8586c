#include "compile.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "../scenes/field_truths.hpp"
#include "../scenes/lattices/truths.hpp"
#include "../scenes/scattering/truths.hpp"
#include "../wire/packed.hpp"
#include "kinds.hpp"
#include "recipe_limits.hpp"

namespace nanotilt {
namespace {

void add_class(ParticlePlan&& particle, Plan& plan) {
    plan.max_points = std::max(plan.max_points, particle.n_points);
    plan.max_particle_normals = std::max(plan.max_particle_normals, particle.n_normal_groups * normals_per_group);
    plan.max_ring_corners = std::max(plan.max_ring_corners, particle.max_ring_corners());
    plan.max_bodies = std::max(plan.max_bodies, particle.field ? particle.field->max_bodies : 0);
    const auto n_rings = particle.scene ? particle.scene->needs().n_rings : static_cast<int>(particle.features.size()) + 1;
    plan.max_rings = std::max(plan.max_rings, n_rings);
    plan.classes.push_back(std::move(particle));
}

std::vector<Output> truths_of(const ParticlePlan& particle, const Plan& plan) {
    if (particle.field) {
        return field_truths(*particle.field, plan.scan->n_pixels, plan.scan->n_frames);
    }
    if (particle.lattice) {
        return lattice_truths(*particle.lattice, plan.atoms->n_pixels, plan.atoms->pixel);
    }
    if (particle.scattering) {
        return scattering_truths(*plan.area);
    }
    const Frame& frame = plan.frame;
    return particle.scene ? particle.scene->truths(frame) : std::vector<Output>{};
}

std::ptrdiff_t place_among(const std::vector<Output>& outputs, const Output& wanted) {
    return std::find(outputs.begin(), outputs.end(), wanted) - outputs.begin();
}

/// What all classes can tell alike, in the first one's order, and where in it each class's own truths are.
void find_truths(Plan& plan) {
    plan.truths = truths_of(plan.classes.front(), plan);
    for (const ParticlePlan& particle : plan.classes) {
        const std::vector<Output> own = truths_of(particle, plan);
        std::erase_if(plan.truths, [&](const Output& truth) { return place_among(own, truth) == std::ssize(own); });
        if (plan.truths.empty()) {
            return;
        }
    }
    if (plan.truths.size() > truths_limit) {
        throw std::invalid_argument("recipe: a scene must have <= " + std::to_string(truths_limit) + " truths");
    }
    for (ParticlePlan& particle : plan.classes) {
        for (const Output& truth : truths_of(particle, plan)) {
            particle.truth_bytes.push_back(particle.field ? truth.bytes() / static_cast<std::size_t>(plan.scan->n_frames) : 0);
            const std::ptrdiff_t slot = place_among(plan.truths, truth);
            particle.truth_slots.push_back(slot < std::ssize(plan.truths) ? static_cast<int>(slot) : -1);
        }
    }
}

std::vector<double> read_weights(wire::Fields& recipe) {
    const wire::List listed = recipe.list("weights", 1, n_classes_limit);
    std::vector<double> weights;
    weights.reserve(listed.size());
    listed.for_each([&](const wire::Value& value, const wire::Place& at) { weights.push_back(wire::number_at(value, at)); });
    return weights;
}

void check_seen(const ParticlePlan& particle, const Plan& plan, const wire::Place& place) {
    const auto expect = [&](bool is, bool should, const char* scene, const char* instrument) {
        if (is != should) {
            wire::refuse(
                place, should ? std::string("a ") + scene + ", which is what " + instrument + " sees" : "what this instrument sees",
                should ? std::string("another scene") : std::string("a ") + scene);
        }
    };
    expect(particle.field.has_value(), plan.scan.has_value(), "field", "a scanning camera");
    expect(particle.lattice.has_value(), plan.atoms.has_value(), "lattice", "an instrument for atoms");
    expect(particle.scattering.has_value(), plan.area.has_value(), "scattering sample", "an area detector");
    if (particle.lattice) {
        if (plan.atoms->bright && (!particle.lattice->periodic() || particle.lattice->adatoms > 0.0)) {
            wire::refuse(place, "without ripples and adatoms for a bright field", "a sheet that is no sum of waves");
        }
        const double side = plan.atoms->n_pixels * plan.atoms->pixel;
        if (!(particle.lattice->spread > 0.0 || side > 2.0 * particle.lattice->margin)) {
            wire::refuse(place, "of a margin below half the frame", std::to_string(particle.lattice->margin));
        }
    }
}

/// Waves of a crystal, found once for all classes that are of it.
const std::vector<std::array<int, 2>>& waves_of(const LatticePlan& lattice, Plan& plan) {
    ParticleTables& tables = plan.tables;
    auto found = tables.crystal_waves.find(lattice.a);
    if (found == tables.crystal_waves.end()) {
        std::vector<std::array<int, 2>> waves = crystal_waves(lattice, *plan.atoms);
        const auto n_waves = static_cast<int>(waves.size());
        tables.n_crystal_waves = total_of(tables.n_crystal_waves, n_waves, crystal_waves_of_recipe_limit,
                                          "waves, each different crystal's counted once");
        found = tables.crystal_waves.emplace(lattice.a, std::move(waves)).first;
    }
    return found->second;
}

void read_scenes(wire::Fields& recipe, Plan& plan, const Stop& stop) {
    const std::size_t n_classes = plan.schedule.fractions.size();
    const wire::List scenes = recipe.list("scenes", n_classes, n_classes);
    plan.classes.reserve(n_classes);
    plan.tables.n_views = static_cast<int>(plan.detector.views.size());
    plan.tables.seen_by_camera = plan.camera.has_value();
    scenes.for_each([&](const wire::Value& value, const wire::Place& place) {
        if (stop.wanted()) {
            throw Stopped();
        }
        ParticlePlan particle = read_scene(value, place, plan.tables);
        check_seen(particle, plan, place);
        if (particle.lattice) {
            particle.waves = &waves_of(*particle.lattice, plan);
        }
        add_class(std::move(particle), plan);
    });
}

std::unique_ptr<const Plan> compile_value(const wire::Value& description, const Stop& stop) {
    wire::Fields recipe(description, wire::Place{nullptr, {}});
    recipe.integer("stream_version", stream_version, stream_version);
    auto plan = std::make_unique<Plan>();
    read_instrument(recipe.value("instrument"), recipe.place("instrument"), *plan);
    read_bounds(recipe, plan->detector);
    if (recipe.has("per_view")) {
        const bool per_view = recipe.boolean("per_view");
        if (per_view && !plan->atoms) {
            wire::refuse(recipe.place("per_view"), "false for an instrument that counts no electrons of atoms", "true");
        }
        if (plan->atoms) {
            plan->atoms->standardised = per_view;
        }
    }
    if (recipe.has("logarithm")) {
        const bool logarithm = recipe.boolean("logarithm");
        if (logarithm && !plan->area) {
            wire::refuse(recipe.place("logarithm"), "false for an instrument that is no area detector", "true");
        }
        if (plan->area) {
            plan->area->logarithm = logarithm;
        }
    }
    if (plan->camera) {
        const CameraPlan& camera = *plan->camera;
        plan->frame = {!camera.projected && !camera.rolls_to_middle, camera.n_pixels, camera.pixels_per_length};
    }
    plan->schedule = class_schedule(read_weights(recipe));
    read_scenes(recipe, *plan, stop);
    recipe.expect_no_more();
    find_truths(*plan);
    if (plan->camera && plan->max_ring_corners > camera_corner_limit) {
        throw std::invalid_argument("recipe: a camera's rings must have <= " + std::to_string(camera_corner_limit) + " corners");
    }
    return plan;
}

}  // namespace

std::unique_ptr<const Plan> compile(std::string_view bytes, const Stop& stop) {
    if (bytes.substr(0, wire::magic.size()) == wire::magic) {
        return compile_value(wire::parsed(bytes), stop);
    }
    const std::string converted = wire::from_packed(bytes);
    return compile_value(wire::parsed(converted), stop);
}

}  // namespace nanotilt
