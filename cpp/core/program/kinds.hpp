// All kinds of scenes and instruments, by the names that descriptions give them: the one place where a new kind is entered.
#pragma once

#include "../wire/fields.hpp"
#include "plan.hpp"

namespace nanotilt {

/// Reads one scene of whatever kind. Throws std::invalid_argument: the kind is unknown, of another version, or malformed.
ParticlePlan read_scene(const wire::Value& value, const wire::Place& place, ParticleTables& tables);

/// Reads the instrument, of whatever kind, into a plan. Throws as read_scene does.
void read_instrument(const wire::Value& value, const wire::Place& place, Plan& plan);

}  // namespace nanotilt
