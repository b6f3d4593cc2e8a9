// A part of a picture, in pixels.
#pragma once

#include <cstdint>

namespace camstream {

struct Rect {
  uint32_t x = 0;
  uint32_t y = 0;
  uint32_t width = 0;
  uint32_t height = 0;

  bool operator==(const Rect&) const = default;
};

}  // namespace camstream
