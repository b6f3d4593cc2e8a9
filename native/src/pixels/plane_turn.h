// Rotation and mirroring of one plane of bytes.
#pragma once

#include "pixels/plane_buffer.h"

namespace camstream {

// First rotated clockwise by 0, 90, 180 or 270 degrees, then mirrored left to right.
struct Orientation {
  int rotate = 0;
  bool mirror = false;

  bool upright() const { return rotate == 0 && !mirror; }
  bool swaps_sides() const { return rotate == 90 || rotate == 270; }
};

// `to` has size.turned() where the sides are swapped.
void turn_plane(ConstPlane from, PlaneSize size, Plane to, const Orientation& orientation);

}  // namespace camstream
