// What GStreamer says of a raw picture, in our terms: formats, rows and colours by GStreamer's rules.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pixels/pixel_format.h"

namespace camstream {

// Fields of video/x-raw caps.
struct PictureFacts {
  std::string format{};  // "NV12"
  int width = 0;
  int height = 0;
  int rate_numerator = 0;  // 0: unknown, or not a fixed one
  int rate_denominator = 1;
  std::string colorimetry{};  // "bt601", "2:4:16:4"; empty: by the size
};

// Rows as GStreamer lays them out where a buffer does not say otherwise (multiples of four bytes; chroma of
// an odd height has the half row too). None: a format that is none of ours, or no size.
std::optional<FrameLayout> layout_of(const PictureFacts& facts);

}  // namespace camstream
