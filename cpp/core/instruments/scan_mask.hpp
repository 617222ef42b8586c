// Which pixels a scan visits that leaves some out.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../base/philox.hpp"
#include "scanning_camera.hpp"

namespace nanotilt {

/// Random words that are drawn in one go: those of 16 blocks, which a SIMD level draws together.
inline constexpr std::size_t scan_words_at_once = 64;

/// Draws the words of the blocks `first_block` and after of Purpose::scan_mask, one after the other.
using ScanWords = void (*)(const StreamPosition& at, std::uint32_t frame, std::uint32_t first_block, std::uint32_t* words);

/// 1 where the scan goes, for one frame: (n, n). `draw`: SampleKernels::scan_words.
void write_scan_mask(ScanWords draw, ScanKind kind, double fraction, std::ptrdiff_t n, const StreamPosition& at,
                     std::uint32_t frame, std::uint8_t* out);

}  // namespace nanotilt
