// What a V4L2 pixel format says of its colours, in the ring's terms (H.273 code points).
#pragma once

#include "capture/v4l2_format.h"
#include "pixels/pixel_format.h"

namespace camstream {

struct Colour {
  Matrix matrix = Matrix::kUnspecified;
  Primaries primaries = Primaries::kUnspecified;
  Range range = Range::kUnspecified;
};

// Fields that a driver leaves at DEFAULT mean what the V4L2_MAP_*_DEFAULT macros say, with one exception:
// GREY is full range. The macros make it limited, but monochrome sensors, and the kernel's own vivid,
// give 0 to 255; taken for limited, their blacks and whites would be cut off.
Colour colour_of(const DriverFormat& format);

}  // namespace camstream
