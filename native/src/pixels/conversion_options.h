// What a derived picture shall be. The order is: crop, rotate, mirror, fit into width x height.
#pragma once

#include <cstdint>
#include <optional>

#include "pixels/pixel_format.h"
#include "pixels/rect.h"

namespace camstream {

enum class Fit : uint32_t {
  kStretch,  // fills width x height, whatever that does to the aspect ratio
  kContain,  // all of the picture, with black bars
  kCover,    // no bars, with what is too much cut off on both sides alike
};

struct ConversionOptions {
  PixelFormat format = PixelFormat::kRgb24;
  uint32_t width = 0;  // 0: as the aspect ratio has it; both 0: as large as what is left by cropping
  uint32_t height = 0;
  Fit fit = Fit::kStretch;
  std::optional<Rect> crop{};  // in pixels of the source, before rotation
  uint32_t rotate = 0;         // clockwise: 0, 90, 180, 270
  bool mirror = false;         // left to right, after rotation
};

}  // namespace camstream
