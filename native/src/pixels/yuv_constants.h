// libyuv's constants for a matrix and a range.
#pragma once

#include <libyuv/convert_argb.h>

#include "pixels/pixel_format.h"

namespace camstream {

struct YuvToRgb {
  const libyuv::YuvConstants* bgr;  // for libyuv's RGB24, which is B,G,R in memory
  const libyuv::YuvConstants* rgb;  // for R,G,B: the same functions with U and V exchanged
  bool is_bt601_limited;            // what libyuv's functions without constants assume
};

// Unspecified is taken for BT.601 and limited range, as most cameras mean it.
YuvToRgb yuv_to_rgb(Matrix matrix, Range range);

}  // namespace camstream
