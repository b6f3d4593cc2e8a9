#include "support/colour_picture.h"

#include <algorithm>
#include <cmath>

namespace camstream {
namespace {

struct Weights {
  double red, blue;
};
Weights weights_of(Matrix matrix) {
  return matrix == Matrix::kBt709 ? Weights{0.2126, 0.0722} : Weights{0.299, 0.114};
}

int level(double value) { return static_cast<int>(std::lround(std::clamp(value, 0.0, 255.0))); }

Colour3 to_rgb(const Colour3& yuv, const FrameLayout& from) {
  const bool full = from.range == Range::kFull;
  const auto [kr, kb] = weights_of(from.matrix);
  const double y = full ? yuv[0] : (yuv[0] - 16) * 255.0 / 219;
  const double u = (yuv[1] - 128) * (full ? 1.0 : 255.0 / 224);
  const double v = (yuv[2] - 128) * (full ? 1.0 : 255.0 / 224);
  const double r = y + 2 * (1 - kr) * v, b = y + 2 * (1 - kb) * u;
  const double g = (y - kr * r - kb * b) / (1 - kr - kb);
  return {level(r), level(g), level(b)};
}

Colour3 to_yuv(const Colour3& rgb) {  // BT.601, limited
  const double y = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
  return {level(16 + y * 219 / 255), level(128 + (rgb[2] - y) / 1.772 * 224 / 255),
          level(128 + (rgb[0] - y) / 1.402 * 224 / 255)};
}

}  // namespace

void paint_picture(const View& view, const ColourAt& colour_at) {
  const auto& planes = view.planes;
  for (int y = 0; y < view.height; ++y) {
    for (int x = 0; x < view.width; ++x) {
      const Colour3 colour = colour_at(x, y);
      const auto at = [&](int plane, int column) -> uint8_t& {
        return planes[plane].data[static_cast<ptrdiff_t>(plane_rows(view.format, plane, y + 1) - 1) *
                                      planes[plane].stride +
                                  column];
      };
      const auto byte = [&](int part) { return static_cast<uint8_t>(colour[static_cast<size_t>(part)]); };
      switch (view.format) {
        case PixelFormat::kYuyv:
        case PixelFormat::kUyvy: {
          const int luma = view.format == PixelFormat::kYuyv ? 0 : 1;
          at(0, 2 * x + luma) = byte(0);
          at(0, x / 2 * 4 + 1 - luma) = byte(1);
          at(0, x / 2 * 4 + 3 - luma) = byte(2);
          break;
        }
        case PixelFormat::kNv12:
          at(0, x) = byte(0);
          at(1, x / 2 * 2) = byte(1);
          at(1, x / 2 * 2 + 1) = byte(2);
          break;
        case PixelFormat::kNv21:
          at(0, x) = byte(0);
          at(1, x / 2 * 2) = byte(2);
          at(1, x / 2 * 2 + 1) = byte(1);
          break;
        case PixelFormat::kYv12:  // a view has it as I420
        case PixelFormat::kI420:
          at(0, x) = byte(0);
          at(1, x / 2) = byte(1);
          at(2, x / 2) = byte(2);
          break;
        case PixelFormat::kGray8: at(0, x) = byte(0); break;
        case PixelFormat::kRgb24:
        case PixelFormat::kBgr24:
          for (int part = 0; part < 3; ++part) {
            at(0, 3 * x + part) = byte(view.format == PixelFormat::kRgb24 ? part : 2 - part);
          }
          break;
      }
    }
  }
}

Colour3 colour_of(const ConstView& view, int x, int y) {
  const auto at = [&](int plane, int column) -> int {
    return view.planes[plane].data[static_cast<ptrdiff_t>(plane_rows(view.format, plane, y + 1) - 1) *
                                       view.planes[plane].stride +
                                   column];
  };
  switch (view.format) {
    case PixelFormat::kYuyv: return {at(0, 2 * x), at(0, x / 2 * 4 + 1), at(0, x / 2 * 4 + 3)};
    case PixelFormat::kUyvy: return {at(0, 2 * x + 1), at(0, x / 2 * 4), at(0, x / 2 * 4 + 2)};
    case PixelFormat::kNv12: return {at(0, x), at(1, x / 2 * 2), at(1, x / 2 * 2 + 1)};
    case PixelFormat::kNv21: return {at(0, x), at(1, x / 2 * 2 + 1), at(1, x / 2 * 2)};
    case PixelFormat::kYv12:  // a view has it as I420
    case PixelFormat::kI420: return {at(0, x), at(1, x / 2), at(2, x / 2)};
    case PixelFormat::kGray8: return {at(0, x), 128, 128};
    case PixelFormat::kRgb24: return {at(0, 3 * x), at(0, 3 * x + 1), at(0, 3 * x + 2)};
    case PixelFormat::kBgr24: return {at(0, 3 * x + 2), at(0, 3 * x + 1), at(0, 3 * x)};
  }
  return {};
}

Colour3 expected_colour(const Colour3& colour, const FrameLayout& from, const FrameLayout& to) {
  const auto source = static_cast<PixelFormat>(from.fourcc), target = static_cast<PixelFormat>(to.fourcc);
  Colour3 known = colour;
  if (source == PixelFormat::kGray8) known = {colour[0], 128, 128};
  if (is_rgb(target) && !is_rgb(source)) known = to_rgb(known, from);
  if (!is_rgb(target) && is_rgb(source)) known = to_yuv(known);
  if (target == PixelFormat::kGray8) known = {known[0], 128, 128};
  return known;
}

}  // namespace camstream
