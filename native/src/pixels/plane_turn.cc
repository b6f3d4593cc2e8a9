#include "pixels/plane_turn.h"

#include <libyuv/rotate.h>

namespace camstream {

void turn_plane(ConstPlane from, PlaneSize size, Plane to, const Orientation& orientation) {
  // Mirroring after a rotation by r is turning upside down, then rotating by 180 - r; libyuv does the
  // former on its way when the height is negative.
  const int rotate = orientation.mirror ? (540 - orientation.rotate) % 360 : orientation.rotate;
  const int height = orientation.mirror ? -size.height : size.height;
  libyuv::RotatePlane(from.data, from.stride, to.data, to.stride, size.width, height,
                      static_cast<libyuv::RotationMode>(rotate));
}

}  // namespace camstream
