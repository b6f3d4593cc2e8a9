#include "pixels/picture_area.h"

#include "pixels/luma.h"

namespace camstream {
namespace {
constexpr uint8_t kBarLevel = 48;  // what a codec leaves of black is darker, the test picture's edge lighter
}

Rect area_without_bars(const ConstImage& image) {
  const LumaReader luma(image);
  const uint32_t width = image.layout.width, height = image.layout.height;
  uint32_t top = 0, bottom = height, left = 0, right = width;
  while (top < height && luma.at(width / 2, top) < kBarLevel) ++top;
  while (bottom > top && luma.at(width / 2, bottom - 1) < kBarLevel) --bottom;
  while (left < width && luma.at(left, height / 2) < kBarLevel) ++left;
  while (right > left && luma.at(right - 1, height / 2) < kBarLevel) --right;
  return {left, top, right - left, bottom - top};
}

}  // namespace camstream
