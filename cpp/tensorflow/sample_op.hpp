// The TensorFlow op NanotiltSample: samples start ... start + count of (recipe, seed).
#pragma once

#include "c_api.hpp"

namespace nanotilt::tf {

/// Makes the op and its CPU kernel known to TensorFlow. To be called once in a process: TensorFlow ends the process
/// when an op is registered twice. Throws std::runtime_error with TensorFlow's words when it refuses.
void register_sample_op(const CApi& api);

}  // namespace nanotilt::tf
