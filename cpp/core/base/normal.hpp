// What scenes and instruments draw their sizes from.
#pragma once

namespace nanotilt {

/// A normal distribution. Lengths are in units of the mean particle radius, tilts in radians.
struct Normal {
    float mean;
    float std;
};

}  // namespace nanotilt
