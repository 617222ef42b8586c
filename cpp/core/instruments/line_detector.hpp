// A line of bins that sees a particle's thickness: its reader. Its plan is what instruments have in common.
#pragma once

#include "chain.hpp"

namespace nanotilt {

/// Reads an instrument of the kind "detector", less its kind and version. Throws std::invalid_argument.
DetectorPlan read_line_detector(wire::Fields& instrument);

}  // namespace nanotilt
