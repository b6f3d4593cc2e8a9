#include "pixels/row_code.h"

#include <bit>
#include <cstring>

#include "pixels/luma.h"
#include "pixels/picture_area.h"

namespace camstream {
namespace {

constexpr uint8_t kDark = 64;
constexpr uint8_t kLight = 160;
constexpr uint8_t kThreshold = 112;  // the same as a limited-range level: 16 + 112 * 219 / 255

// The first pixel whose middle lies in the stripe, so that narrow pictures too have each in its place.
uint32_t stripe_start(uint32_t width, uint32_t stripe) {
  return static_cast<uint32_t>((2 * uint64_t{stripe} * width + kStripesAcross - 1) / (2 * kStripesAcross));
}

uint16_t decode_row(const LumaReader& luma, const Rect& picture, uint32_t y) {
  uint16_t sequence = 0;
  for (uint32_t stripe = 0; stripe < kStripes; ++stripe) {
    const auto middle =
        static_cast<uint32_t>((2 * uint64_t{stripe} + 1) * picture.width / (2 * kStripesAcross));
    sequence = static_cast<uint16_t>(sequence << 1 | (luma.at(picture.x + middle, y) > kThreshold ? 1 : 0));
  }
  return sequence;
}

}  // namespace

void paint_rows(const Image& image, uint16_t before, uint16_t sequence) {
  const FrameLayout& layout = image.layout;
  const uint16_t changed = before ^ sequence;
  if (changed == 0 || layout.height == 0) return;
  const auto first = static_cast<uint32_t>(std::countl_zero(changed));
  const auto last = kStripes - 1 - static_cast<uint32_t>(std::countr_zero(changed));
  for (uint32_t stripe = first; stripe <= last; ++stripe) {
    const uint32_t start = stripe_start(layout.width, stripe);
    const bool light = (sequence >> (kStripes - 1 - stripe) & 1) != 0;
    fill_grey(image, {start, 0, stripe_start(layout.width, stripe + 1) - start, 1}, light ? kLight : kDark);
  }
  const PlaneLayout& plane = layout.planes[0];
  const uint32_t step = luma_address(static_cast<PixelFormat>(layout.fourcc)).step;
  const uint32_t from = stripe_start(layout.width, first);
  const size_t bytes = static_cast<size_t>(stripe_start(layout.width, last + 1) - from) * step;
  const uint8_t* top = image.data + plane.offset + static_cast<size_t>(from) * step;
  uint8_t* row = image.data + plane.offset + static_cast<size_t>(from) * step;
  for (uint32_t y = 1; y < layout.height; ++y) std::memcpy(row += plane.stride, top, bytes);
}

RowCheck check_rows(const ConstImage& image) {
  const FrameLayout& layout = image.layout;
  const Rect picture = area_without_bars(image);
  if (picture.width < kStripesAcross || picture.height == 0) return {};
  const LumaReader luma(image);
  RowCheck check{.torn = false, .sequence = decode_row(luma, picture, picture.y), .row = 0};
  const uint32_t stride = layout.planes[0].stride;
  const uint32_t step = luma_address(static_cast<PixelFormat>(layout.fourcc)).step;
  const size_t bytes = static_cast<size_t>(stripe_start(picture.width, kStripes)) * step;
  const uint8_t* row = image.data + layout.planes[0].offset + static_cast<size_t>(picture.y) * stride +
                       static_cast<size_t>(picture.x) * step;
  for (uint32_t y = picture.y + 1; y < picture.y + picture.height; ++y, row += stride) {
    if (std::memcmp(row, row + stride, bytes) == 0) continue;  // the same bytes say the same
    if (decode_row(luma, picture, y) == check.sequence) continue;
    check.torn = true;
    check.row = y;
    return check;
  }
  return check;
}

}  // namespace camstream
