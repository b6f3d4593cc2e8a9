#include "capture/v4l2_colour.h"

namespace camstream {
namespace {

Matrix matrix_of(uint32_t encoding) {
  switch (encoding) {
    case V4L2_YCBCR_ENC_601:
    case V4L2_YCBCR_ENC_XV601: return Matrix::kBt601;
    case V4L2_YCBCR_ENC_709:
    case V4L2_YCBCR_ENC_XV709: return Matrix::kBt709;
    case V4L2_YCBCR_ENC_BT2020: return Matrix::kBt2020;
    default: return Matrix::kUnspecified;  // SMPTE 240M and BT.2020 constant luminance: nobody converts those
  }
}

Primaries primaries_of(uint32_t space) {
  switch (space) {
    case V4L2_COLORSPACE_SMPTE170M:
    case V4L2_COLORSPACE_SMPTE240M:  // the same primaries
      return Primaries::kSmpte170m;
    case V4L2_COLORSPACE_470_SYSTEM_BG: return Primaries::kBt470bg;
    case V4L2_COLORSPACE_REC709:
    case V4L2_COLORSPACE_SRGB:
    case V4L2_COLORSPACE_JPEG: return Primaries::kBt709;
    case V4L2_COLORSPACE_BT2020: return Primaries::kBt2020;
    default: return Primaries::kUnspecified;
  }
}

}  // namespace

Colour colour_of(const DriverFormat& format) {
  const bool rgb = format.fourcc == V4L2_PIX_FMT_RGB24 || format.fourcc == V4L2_PIX_FMT_BGR24;
  const bool grey = format.fourcc == V4L2_PIX_FMT_GREY;
  const uint32_t space = format.colorspace;
  uint32_t encoding = format.encoding;
  if (encoding == V4L2_YCBCR_ENC_DEFAULT) encoding = V4L2_MAP_YCBCR_ENC_DEFAULT(space);
  uint32_t quantization = format.quantization;
  if (quantization == V4L2_QUANTIZATION_DEFAULT) {
    quantization = V4L2_MAP_QUANTIZATION_DEFAULT(rgb || grey, space, encoding);
  }
  return {rgb ? Matrix::kRgb : matrix_of(encoding), primaries_of(space),
          quantization == V4L2_QUANTIZATION_FULL_RANGE ? Range::kFull : Range::kLimited};
}

}  // namespace camstream
