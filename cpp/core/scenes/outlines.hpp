// Area, moments, perimeter and widths of a body's outline.
#pragma once

#include "bodies.hpp"

namespace nanotilt {

/// What can be told of a body's whole outline.
struct Outline {
    double area;
    double centre_x;  // from the body's middle
    double centre_y;
    double xx, xy, yy;  // second moments about the centre, divided by the area
    double perimeter;
    double feret_max;
    double feret_min;
};

/// Ellipses, rods and polygons are measured exactly, rough outlines by 64 of their points.
Outline outline_of(const Body& body);

}  // namespace nanotilt
