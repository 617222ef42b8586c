// From a recipe's bytes to the plan that samples are drawn by.
#pragma once

#include <memory>
#include <string_view>

#include "../base/stop.hpp"
#include "plan.hpp"

namespace nanotilt {

/// Compiles a recipe's wire bytes (wire/value.hpp), or the packed doubles of releases before them (wire/packed.hpp).
///
/// Python has validated the values and words errors for users. Here the bytes count as hostile: every value is checked as the core
/// uses it, which is after rounding to float for most, and every size before memory is taken (recipe_limits.hpp). Throws
/// std::invalid_argument, which names the field, or Stopped.
std::unique_ptr<const Plan> compile(std::string_view bytes, const Stop& stop = never);

}  // namespace nanotilt
