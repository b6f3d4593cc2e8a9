#include "gstreamer/picture_facts.h"

#include <array>
#include <cstdio>

namespace camstream {
namespace {

struct GstName {
  PixelFormat format;
  const char* name;
};
constexpr std::array<GstName, 9> kGstNames{{
    {PixelFormat::kYuyv, "YUY2"},
    {PixelFormat::kUyvy, "UYVY"},
    {PixelFormat::kNv12, "NV12"},
    {PixelFormat::kNv21, "NV21"},
    {PixelFormat::kI420, "I420"},
    {PixelFormat::kYv12, "YV12"},
    {PixelFormat::kRgb24, "RGB"},
    {PixelFormat::kBgr24, "BGR"},
    {PixelFormat::kGray8, "GRAY8"},
}};

constexpr int kStandardHeight = 576;  // up to here GStreamer takes colours for BT.601, above for BT.709

struct Colours {
  Matrix matrix = Matrix::kUnspecified;
  Primaries primaries = Primaries::kUnspecified;
  Range range = Range::kUnspecified;
};

// RANGE:MATRIX:TRANSFER:PRIMARIES, each the number of GstVideoColor...
Colours by_numbers(const std::string& text) {
  int range = 0, matrix = 0, transfer = 0, primaries = 0;
  Colours colours;
  if (std::sscanf(text.c_str(), "%d:%d:%d:%d", &range, &matrix, &transfer, &primaries) != 4) return colours;
  colours.range = range == 1 ? Range::kFull : range == 2 ? Range::kLimited : Range::kUnspecified;
  switch (matrix) {
    case 1: colours.matrix = Matrix::kRgb; break;
    case 3: colours.matrix = Matrix::kBt709; break;
    case 4: colours.matrix = Matrix::kBt601; break;
    case 6: colours.matrix = Matrix::kBt2020; break;
    default: break;
  }
  switch (primaries) {
    case 1: colours.primaries = Primaries::kBt709; break;
    case 3: colours.primaries = Primaries::kBt470bg; break;
    case 4:
    case 5: colours.primaries = Primaries::kSmpte170m; break;
    case 7: colours.primaries = Primaries::kBt2020; break;
    default: break;
  }
  return colours;
}

Colours colours_of(const std::string& text) {
  if (text == "bt601") return {Matrix::kBt601, Primaries::kSmpte170m, Range::kLimited};
  if (text == "bt709") return {Matrix::kBt709, Primaries::kBt709, Range::kLimited};
  if (text == "bt2020" || text == "bt2020-10" || text == "bt2100-pq" || text == "bt2100-hlg")
    return {Matrix::kBt2020, Primaries::kBt2020, Range::kLimited};
  if (text == "sRGB") return {Matrix::kRgb, Primaries::kBt709, Range::kFull};
  return by_numbers(text);
}

uint32_t of_four(uint32_t bytes) { return (bytes + 3) / 4 * 4; }

void lay_out(FrameLayout& layout) {
  const bool planar = layout.plane_count > 1;
  const uint32_t even_height = (layout.height + 1) / 2 * 2;
  uint64_t end = 0;
  for (uint32_t i = 0; i < layout.plane_count; ++i) {
    PlaneLayout& plane = layout.planes[i];
    plane.stride = of_four(plane.stride);
    plane.offset = end;
    end += uint64_t{plane.stride} * (planar && i == 0 ? even_height : plane.rows);
  }
  layout.payload_size = end;
}

}  // namespace

std::optional<FrameLayout> layout_of(const PictureFacts& facts) {
  if (facts.width < 1 || facts.height < 1) return std::nullopt;
  for (const GstName& entry : kGstNames) {
    if (facts.format != entry.name) continue;
    FrameLayout layout =
        packed_layout(entry.format, static_cast<uint32_t>(facts.width), static_cast<uint32_t>(facts.height));
    lay_out(layout);
    const bool fixed = facts.rate_numerator > 0 && facts.rate_denominator > 0;
    layout.rate_numerator = fixed ? static_cast<uint32_t>(facts.rate_numerator) : 0;
    layout.rate_denominator = fixed ? static_cast<uint32_t>(facts.rate_denominator) : 1;
    const Colours colours = colours_of(facts.colorimetry);
    layout.primaries = colours.primaries;
    if (is_rgb(entry.format)) return layout;
    const bool grey = entry.format == PixelFormat::kGray8;
    const Matrix by_size = grey || facts.height <= kStandardHeight ? Matrix::kBt601 : Matrix::kBt709;
    const bool says = colours.matrix != Matrix::kUnspecified && colours.matrix != Matrix::kRgb;
    layout.matrix = says ? colours.matrix : by_size;
    layout.range = colours.range != Range::kUnspecified ? colours.range
                   : grey                               ? Range::kFull
                                                        : Range::kLimited;
    return layout;
  }
  return std::nullopt;
}

}  // namespace camstream
