#include "pixels/luma.h"

#include <algorithm>
#include <cstring>

namespace camstream {
namespace {

// One pixel of packed 4:2:2 with neutral chroma is a 16-bit word of its own.
void fill_words(uint8_t* row, uint32_t width, uint8_t first, uint8_t second) {
  const uint8_t bytes[2] = {first, second};
  uint16_t word;
  std::memcpy(&word, bytes, sizeof word);
  std::fill_n(reinterpret_cast<uint16_t*>(row), width, word);
}

void fill_row(uint8_t* row, PixelFormat format, uint32_t width, uint8_t value) {
  switch (format) {
    case PixelFormat::kYuyv: return fill_words(row, width, value, 128);
    case PixelFormat::kUyvy: return fill_words(row, width, 128, value);
    case PixelFormat::kRgb24:
    case PixelFormat::kBgr24: std::memset(row, value, static_cast<size_t>(width) * 3); return;
    case PixelFormat::kNv12:
    case PixelFormat::kNv21:
    case PixelFormat::kI420:
    case PixelFormat::kYv12:
    case PixelFormat::kGray8: std::memset(row, value, width); return;
  }
}

}  // namespace

void fill_grey(const Image& image, const Rect& rect, uint8_t level) {
  const auto format = static_cast<PixelFormat>(image.layout.fourcc);
  const PlaneLayout& plane = image.layout.planes[0];
  const uint8_t value = coded_level(image.layout, level);
  uint8_t* row = image.data + plane.offset + static_cast<size_t>(rect.y) * plane.stride +
                 static_cast<size_t>(rect.x) * luma_address(format).step;
  if (rect.width == 0 || rect.height == 0) return;
  fill_row(row, format, rect.width, value);
  const uint8_t* first = row;
  const size_t bytes = static_cast<size_t>(rect.width) * luma_address(format).step;
  for (uint32_t y = 1; y < rect.height; ++y) std::memcpy(row += plane.stride, first, bytes);
}

}  // namespace camstream
