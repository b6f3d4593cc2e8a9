#include "capture/v4l2_coding.h"

#include <linux/videodev2.h>

#include "pixels/pixel_format.h"

namespace camstream {
namespace {

// The same pictures with each plane in a piece of memory of its own.
uint32_t joined(uint32_t fourcc) {
  switch (fourcc) {
    case V4L2_PIX_FMT_NV12M: return V4L2_PIX_FMT_NV12;
    case V4L2_PIX_FMT_NV21M: return V4L2_PIX_FMT_NV21;
    case V4L2_PIX_FMT_YUV420M: return V4L2_PIX_FMT_YUV420;
    case V4L2_PIX_FMT_YVU420M: return V4L2_PIX_FMT_YVU420;
    default: return fourcc;
  }
}

}  // namespace

DriverCoding coding_of(uint32_t fourcc, bool compressed) {
  if (fourcc == V4L2_PIX_FMT_MJPEG || fourcc == V4L2_PIX_FMT_JPEG) {
    return {Coding::kJpeg, V4L2_PIX_FMT_MJPEG};
  }
  if (fourcc == V4L2_PIX_FMT_H264) return {Coding::kH264, fourcc};
  if (compressed) return {Coding::kOther, fourcc};
  if (format_of_fourcc(joined(fourcc))) return {Coding::kConvertible, joined(fourcc)};
  return {Coding::kOpaque, fourcc};
}

std::string coding_name(uint32_t fourcc) {
  const DriverCoding known = coding_of(fourcc, false);
  if (known.coding == Coding::kJpeg) return "mjpeg";
  if (known.coding == Coding::kH264) return "h264";
  const auto format = format_of_fourcc(known.ring_fourcc);
  return format ? std::string(name_of(*format)) : fourcc_text(fourcc);
}

std::string fourcc_text(uint32_t fourcc) {
  std::string text;
  for (int shift = 0; shift < 32; shift += 8) {
    const char letter = static_cast<char>(fourcc >> shift & 0x7f);
    if (letter > ' ') text += letter;
  }
  return text;
}

}  // namespace camstream
