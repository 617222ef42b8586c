// The TensorFlow ops that draw samples start ... start + count of (recipe, seed).
//
// Inputs of both: start and count, int64 scalars. Attributes of both: recipe, the bytes that nanotilt.Recipe hands to the core;
// seed, a uint64 in the bits of an int64. Both are stateless: pure functions, so that TensorFlow may checkpoint them, move them to
// another process and call them from several threads at once.
//
// NanotiltDraw gives any outputs of the recipe's spec, each of shape (count, ...): attribute outputs, their names; output_types,
// their types, which are what tells TensorFlow how many there are and have to agree with the spec.
//
// NanotiltSample gives views, label and angle_rad. Graphs that releases up to 0.1 saved have it.
#pragma once

#include "c_api.hpp"

namespace nanotilt::tf {

inline constexpr const char* draw_op_name = "NanotiltDraw";

/// Makes an op and its CPU kernel known to TensorFlow. To be called once in a process: TensorFlow ends the process when an op is
/// registered twice. Throws std::runtime_error with TensorFlow's words when it refuses.
void register_draw_op(const CApi& api);
void register_sample_op(const CApi& api);

}  // namespace nanotilt::tf
