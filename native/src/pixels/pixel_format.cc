#include "pixels/pixel_format.h"

namespace camstream {

FrameLayout packed_layout(PixelFormat format, uint32_t width, uint32_t height) {
  FrameLayout layout;
  layout.fourcc = static_cast<uint32_t>(format);
  layout.width = width;
  layout.height = height;
  const auto add_plane = [&layout](uint32_t stride, uint32_t rows) {
    layout.planes[layout.plane_count++] = {layout.payload_size, stride, rows};
    layout.payload_size += uint64_t{stride} * rows;
  };
  const uint32_t half_width = (width + 1) / 2;
  const uint32_t half_height = (height + 1) / 2;
  switch (format) {
    case PixelFormat::kYuyv:
    case PixelFormat::kUyvy:
      add_plane(half_width * 4, height);
      break;
    case PixelFormat::kNv12:
    case PixelFormat::kNv21:
      add_plane(width, height);
      add_plane(half_width * 2, half_height);
      break;
    case PixelFormat::kI420:
    case PixelFormat::kYv12:
      add_plane(width, height);
      add_plane(half_width, half_height);
      add_plane(half_width, half_height);
      break;
    case PixelFormat::kRgb24:
    case PixelFormat::kBgr24:
      add_plane(width * 3, height);
      layout.matrix = Matrix::kRgb;
      layout.range = Range::kFull;
      break;
    case PixelFormat::kGray8:
      add_plane(width, height);
      break;
  }
  return layout;
}

}  // namespace camstream
