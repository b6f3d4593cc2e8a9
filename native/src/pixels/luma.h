// Brightness of single pixels, alike in every format: plane 0 at a fixed distance from pixel to pixel.
//
// Grey is the only colour that this file knows: R = G = B, or neutral chroma. Levels run from 0 (black)
// to 255 (white) and become 16..235 where the picture has limited range.
#pragma once

#include "pixels/image.h"
#include "pixels/rect.h"

namespace camstream {

// Where the brightness of pixel 0 lies in its row, and how far it is to the next one.
struct LumaAddress {
  uint32_t offset;
  uint32_t step;
};
constexpr LumaAddress luma_address(PixelFormat format) {
  switch (format) {
    case PixelFormat::kYuyv: return {0, 2};
    case PixelFormat::kUyvy: return {1, 2};
    case PixelFormat::kRgb24:
    case PixelFormat::kBgr24: return {1, 3};  // green: in a grey pixel as good as any
    case PixelFormat::kNv12:
    case PixelFormat::kNv21:
    case PixelFormat::kI420:
    case PixelFormat::kYv12:
    case PixelFormat::kGray8: return {0, 1};
  }
  return {0, 1};
}

// Reads pixels of one picture, whose format must be one of ours.
class LumaReader {
 public:
  explicit LumaReader(const ConstImage& image)
      : address_(luma_address(static_cast<PixelFormat>(image.layout.fourcc))),
        rows_(image.data + image.layout.planes[0].offset + address_.offset),
        stride_(image.layout.planes[0].stride) {}

  uint8_t at(uint32_t x, uint32_t y) const {
    return rows_[static_cast<size_t>(y) * stride_ + static_cast<size_t>(x) * address_.step];
  }

 private:
  LumaAddress address_;
  const uint8_t* rows_;
  uint32_t stride_;
};

// What stands in memory for a grey level.
constexpr uint8_t coded_level(const FrameLayout& layout, uint8_t level) {
  if (layout.range == Range::kFull || layout.matrix == Matrix::kRgb) return level;
  return static_cast<uint8_t>(16 + (level * 219 + 127) / 255);
}

// Fills `rect` with grey. Where chroma is shared between pixels it must be neutral already.
void fill_grey(const Image& image, const Rect& rect, uint8_t level);

}  // namespace camstream
