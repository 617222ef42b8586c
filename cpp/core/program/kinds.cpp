#include "kinds.hpp"

#include <array>
#include <string>
#include <string_view>

#include "../instruments/line_detector.hpp"
#include "../scenes/discs.hpp"
#include "recipe_limits.hpp"

namespace nanotilt {
namespace {

/// `version` changes when the bits of what this kind makes change. Descriptions name it, so that none is drawn with other bits.
template <typename Read>
struct Kind {
    std::string_view name;
    int version;
    Read* read;
};

void line_detector_into(wire::Fields& instrument, Plan& plan) {
    plan.detector = read_line_detector(instrument);
}

void camera_into(wire::Fields& instrument, Plan& plan) {
    plan.camera = read_camera(instrument, plan.detector);
}

void scanning_camera_into(wire::Fields& instrument, Plan& plan) {
    plan.scan = read_scanning_camera(instrument, plan.detector);
}

void dark_field_into(wire::Fields& instrument, Plan& plan) {
    plan.atoms = read_dark_field(instrument, plan.detector);
}

void area_detector_into(wire::Fields& instrument, Plan& plan) {
    plan.area = read_area_detector(instrument, plan.detector);
}

void bright_field_into(wire::Fields& instrument, Plan& plan) {
    plan.atoms = read_bright_field(instrument, plan.detector);
}

ParticlePlan read_lattice_class(wire::Fields& fields, ParticleTables& tables) {
    ParticlePlan plan{};
    plan.lattice = read_lattice(fields);
    const auto n_kinds = static_cast<int>(plan.lattice->defects.size());
    tables.n_defect_kinds = total_of(tables.n_defect_kinds, n_kinds, defect_kinds_limit, "kinds of defects");
    return plan;
}

ParticlePlan read_scattering_class(wire::Fields& fields, ParticleTables& /*tables*/) {
    ParticlePlan plan{};
    plan.scattering = read_scattering(fields);
    return plan;
}

ParticlePlan read_field_class(wire::Fields& fields, ParticleTables& /*tables*/) {
    ParticlePlan plan{};
    plan.field = read_field(fields);
    return plan;
}

/// A scene that has no path of its own.
template <std::unique_ptr<const Scene> read(wire::Fields& scene)>
ParticlePlan read_as_class(wire::Fields& fields, ParticleTables& tables) {
    ParticlePlan plan{};
    plan.scene = read(fields);
    const Scene::Needs needs = plan.scene->needs();
    plan.n_points = needs.n_points;
    // Shift and tilt of each view come last, so that no instrument's setting moves what is drawn.
    plan.view_normals = needs.n_normal_groups * normals_per_group;
    plan.n_normal_groups = needs.n_normal_groups + (2 * tables.n_views + normals_per_group - 1) / normals_per_group;
    return plan;
}

using ReadScene = ParticlePlan(wire::Fields& scene, ParticleTables& tables);
constexpr std::array<Kind<ReadScene>, 6> scene_kinds{{
    {"particle", 2, read_particle},
    {"polygon", 2, read_polygon},
    {"discs", 1, read_as_class<read_discs>},
    {"field", 1, read_field_class},
    {"lattice", 1, read_lattice_class},
    {"scattering", 1, read_scattering_class},
}};

using ReadInstrument = void(wire::Fields& instrument, Plan& plan);
constexpr std::array<Kind<ReadInstrument>, 6> instrument_kinds{{
    {"detector", 2, line_detector_into},
    {"camera", camera_version, camera_into},
    {"scanning_camera", 1, scanning_camera_into},
    {"dark_field", 1, dark_field_into},
    {"bright_field", 1, bright_field_into},
    {"area_detector", 1, area_detector_into},
}};

template <typename Read, std::size_t n>
const Kind<Read>& kind_of(const std::array<Kind<Read>, n>& kinds, wire::Fields& description) {
    const wire::Value name = description.value("kind");
    std::string known;
    for (const Kind<Read>& kind : kinds) {
        if (name.type() == wire::Type::text && name.text() == kind.name) {
            description.integer("version", kind.version, kind.version);
            return kind;
        }
        known += (known.empty() ? "" : ", ") + std::string(kind.name);
    }
    wire::refuse(description.place("kind"), "one of " + known, wire::words_of(name));
}

}  // namespace

ParticlePlan read_scene(const wire::Value& value, const wire::Place& place, ParticleTables& tables) {
    wire::Fields scene(value, place);
    ParticlePlan particle = kind_of(scene_kinds, scene).read(scene, tables);
    scene.expect_no_more();
    return particle;
}

void read_instrument(const wire::Value& value, const wire::Place& place, Plan& plan) {
    wire::Fields instrument(value, place);
    kind_of(instrument_kinds, instrument).read(instrument, plan);
    instrument.expect_no_more();
}

}  // namespace nanotilt
