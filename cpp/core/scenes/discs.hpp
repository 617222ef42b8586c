// Discs at random places; nanotilt.scenes.Discs describes them.
#pragma once

#include <memory>

#include "../wire/fields.hpp"
#include "scene.hpp"

namespace nanotilt {

/// Reads a scene of the kind "discs", less its kind and version. Throws std::invalid_argument.
std::unique_ptr<const Scene> read_discs(wire::Fields& scene);

}  // namespace nanotilt
