// A picture in memory that somebody else owns.
#pragma once

#include "pixels/pixel_format.h"

namespace camstream {

struct ConstImage {
  const uint8_t* data = nullptr;  // start of the payload; planes as in `layout`
  FrameLayout layout;
};
struct Image {
  uint8_t* data = nullptr;
  FrameLayout layout;
};

}  // namespace camstream
