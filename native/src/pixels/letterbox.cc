#include "pixels/letterbox.h"

#include <cstring>

#include "pixels/luma.h"
#include "pixels/picture_view.h"

namespace camstream {
namespace {

void fill_black(const Image& image, const Rect& rect) {
  if (rect.width == 0 || rect.height == 0) return;
  const PixelFormat format = format_in_view(image.layout.fourcc);
  const View part = view_of(image.data, image.layout)
                        .part(static_cast<int>(rect.x), static_cast<int>(rect.y),
                              static_cast<int>(rect.width), static_cast<int>(rect.height));
  for (int plane = 0; plane < plane_count_of(format); ++plane) {
    const auto bytes = static_cast<size_t>(plane_row_bytes(format, plane, part.width));
    if (plane == 0 && !is_packed_422(format)) continue;
    for (int row = 0; row < plane_rows(format, plane, part.height); ++row) {
      std::memset(part.planes[plane].data + static_cast<ptrdiff_t>(row) * part.planes[plane].stride, 128,
                  bytes);
    }
  }
  fill_grey(image, rect, 0);
}

}  // namespace

void fill_around(const Image& image, const Rect& inner) {
  const uint32_t width = image.layout.width, height = image.layout.height;
  const uint32_t right = inner.x + inner.width, bottom = inner.y + inner.height;
  fill_black(image, {0, 0, width, inner.y});
  fill_black(image, {0, bottom, width, height - bottom});
  fill_black(image, {0, inner.y, inner.x, inner.height});
  fill_black(image, {right, inner.y, width - right, inner.height});
}

}  // namespace camstream
