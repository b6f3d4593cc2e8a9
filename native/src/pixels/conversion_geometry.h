// Which rectangle of the source lands in which rectangle of the result.
#pragma once

#include "base/result.h"
#include "pixels/conversion_options.h"
#include "pixels/plane_turn.h"

namespace camstream {

struct ConversionGeometry {
  Rect source;     // of the source picture, before it is turned
  Rect target;     // of the result; what is outside is black
  uint32_t width;  // of the result
  uint32_t height;
  Orientation orientation;
};

constexpr uint32_t kMaxConversionSide = 8192;

// Errors: CONVERSION_FORMAT, CONVERSION_CROP, CONVERSION_ROTATE, CONVERSION_SIZE.
Result<ConversionGeometry> plan_geometry(const FrameLayout& from, const ConversionOptions& options);

}  // namespace camstream
