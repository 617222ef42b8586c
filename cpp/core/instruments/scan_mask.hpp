// Which pixels a scan visits that leaves some out.
#pragma once

#include <cstdint>

#include "../base/philox.hpp"
#include "scanning_camera.hpp"

namespace nanotilt {

/// 1 where the scan goes, for one frame: (n, n).
void write_scan_mask(ScanKind kind, double fraction, std::ptrdiff_t n, const StreamPosition& at, std::uint32_t frame,
                     std::uint8_t* out);

}  // namespace nanotilt
