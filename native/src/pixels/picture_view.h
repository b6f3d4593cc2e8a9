// A picture, or a rectangle of one, as libyuv wants it: a pointer and a stride for each plane.
#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include "pixels/image.h"
#include "pixels/rect.h"

namespace camstream {

constexpr bool is_semi_planar(PixelFormat format) {
  return format == PixelFormat::kNv12 || format == PixelFormat::kNv21;
}
// YV12 is I420 whose chroma planes have changed places, which a view makes good.
constexpr PixelFormat format_in_view(uint32_t fourcc) {
  const auto format = static_cast<PixelFormat>(fourcc);
  return format == PixelFormat::kYv12 ? PixelFormat::kI420 : format;
}
// Packed 4:2:2 counts as one plane here, as it lies in memory.
constexpr int plane_count_of(PixelFormat format) {
  return format == PixelFormat::kI420 ? 3 : is_semi_planar(format) ? 2 : 1;
}
// Where two pixels of a row, or two rows, share their chroma.
constexpr bool shares_columns(PixelFormat format) { return !is_rgb(format) && format != PixelFormat::kGray8; }
constexpr bool shares_rows(PixelFormat format) {
  return is_semi_planar(format) || format == PixelFormat::kI420 || format == PixelFormat::kYv12;
}
constexpr bool is_packed_422(PixelFormat format) {
  return format == PixelFormat::kYuyv || format == PixelFormat::kUyvy;
}
// Where plane `plane` of Y, U, V lies in the picture by itself.
constexpr bool lies_as_plane(PixelFormat format, int plane) {
  return format == PixelFormat::kI420 || format == PixelFormat::kYv12 ||
         (plane == 0 && (is_semi_planar(format) || format == PixelFormat::kGray8));
}
constexpr int half_up(int value) { return (value + 1) / 2; }

// Bytes of a row of `width` pixels in one plane, and rows of that plane for `height` rows of pixels.
constexpr int plane_row_bytes(PixelFormat format, int plane, int width) {
  switch (format) {
    case PixelFormat::kYuyv:
    case PixelFormat::kUyvy: return half_up(width) * 4;
    case PixelFormat::kRgb24:
    case PixelFormat::kBgr24: return width * 3;
    case PixelFormat::kNv12:
    case PixelFormat::kNv21: return plane == 0 ? width : half_up(width) * 2;
    case PixelFormat::kI420:
    case PixelFormat::kYv12: return plane == 0 ? width : half_up(width);
    case PixelFormat::kGray8: return width;
  }
  return 0;
}
constexpr int plane_rows(PixelFormat format, int plane, int height) {
  return plane > 0 && shares_rows(format) ? half_up(height) : height;
}

template <typename Byte>
struct BasicPlane {
  Byte* data = nullptr;
  int stride = 0;

  operator BasicPlane<const uint8_t>() const { return {data, stride}; }
};
using Plane = BasicPlane<uint8_t>;
using ConstPlane = BasicPlane<const uint8_t>;

template <typename Byte>
struct BasicView {
  PixelFormat format = PixelFormat::kGray8;
  int width = 0;
  int height = 0;
  std::array<BasicPlane<Byte>, 3> planes{};

  operator BasicView<const uint8_t>() const {
    return {format, width, height, {planes[0], planes[1], planes[2]}};
  }

  // x and y must be even where chroma is shared.
  BasicView part(int x, int y, int part_width, int part_height) const {
    BasicView inner{format, part_width, part_height, planes};
    for (int plane = 0; plane < plane_count_of(format); ++plane) {
      const int row = plane_rows(format, plane, y);
      inner.planes[plane].data +=
          static_cast<ptrdiff_t>(row) * planes[plane].stride + plane_row_bytes(format, plane, x);
    }
    return inner;
  }
  BasicView rows(int y, int count) const { return part(0, y, width, count); }
};
using View = BasicView<uint8_t>;
using ConstView = BasicView<const uint8_t>;

template <typename Byte>
BasicView<Byte> view_of(Byte* data, const FrameLayout& layout) {
  const PixelFormat format = format_in_view(layout.fourcc);
  BasicView<Byte> view{format, static_cast<int>(layout.width), static_cast<int>(layout.height), {}};
  for (int plane = 0; plane < plane_count_of(format); ++plane) {
    view.planes[plane] = {data + layout.planes[plane].offset, static_cast<int>(layout.planes[plane].stride)};
  }
  if (layout.fourcc != static_cast<uint32_t>(format)) std::swap(view.planes[1], view.planes[2]);
  return view;
}

}  // namespace camstream
