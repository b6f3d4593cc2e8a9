#include "pixels/packed_shrink.h"

#include <libyuv/convert.h>

#include <algorithm>

namespace camstream {
namespace {

constexpr int kStrip = 16;  // even, for shared chroma

PlaneSize chroma_of(PlaneSize luma, bool rows_shared) {
  return {half_up(luma.width), rows_shared ? half_up(luma.height) : luma.height};
}

PlaneBuffers buffers_for(int width, bool rows_shared) {
  const PlaneSize luma{width, kStrip};
  const PlaneSize chroma = chroma_of(luma, rows_shared);
  return {PlaneBuffer(luma), PlaneBuffer(chroma), PlaneBuffer(chroma)};
}

// As 4:2:0 where rows are to be shared, the mean of two.
void take_apart(const ConstView& from, bool rows_shared, Plane y, Plane u, Plane v) {
  const bool yuyv = from.format == PixelFormat::kYuyv;
  const auto split = rows_shared ? (yuyv ? libyuv::YUY2ToI420 : libyuv::UYVYToI420)
                                 : (yuyv ? libyuv::YUY2ToI422 : libyuv::UYVYToI422);
  split(from.planes[0].data, from.planes[0].stride, y.data, y.stride, u.data, u.stride, v.data, v.stride,
        from.width, from.height);
}

}  // namespace

bool PackedShrink::can(PixelFormat from, PixelFormat to, PlaneSize source, PlaneSize target) {
  return is_packed_422(from) && to != PixelFormat::kGray8 && target.height < source.height &&
         ColumnGather::can(source.width, target.width) &&
         ColumnGather::can(half_up(source.width), half_up(target.width));
}

PackedShrink::PackedShrink(PixelFormat from, PixelFormat to, PlaneSize source, PlaneSize target,
                           const YuvToRgb& colours)
    : colours_(colours),
      rows_shared_(shares_rows(to)),
      rows_(source.height, target.height),
      luma_columns_(source.width, target.width),
      chroma_columns_(half_up(source.width), half_up(target.width)),
      lowered_({plane_row_bytes(from, 0, source.width), kStrip}),
      unpacked_(buffers_for(source.width, rows_shared_)),
      scaled_(buffers_for(target.width, rows_shared_)) {}

void PackedShrink::run(const ConstView& from, const View& to) {
  const std::array unpacked{unpacked_[0].plane(), unpacked_[1].plane(), unpacked_[2].plane()};
  for (int row = 0; row < to.height; row += kStrip) {
    const int count = std::min(kStrip, to.height - row);
    const Plane lowered = lowered_.plane();
    rows_.run(from.planes[0], row, count, lowered, plane_row_bytes(from.format, 0, from.width));
    take_apart({from.format, from.width, count, {lowered}}, rows_shared_, unpacked[0], unpacked[1],
               unpacked[2]);

    const View target = to.rows(row, count);
    ConstPlanes planes{};
    for (int plane = 0; plane < 3; ++plane) {
      const ColumnGather& columns = plane == 0 ? luma_columns_ : chroma_columns_;
      const int rows = plane > 0 && rows_shared_ ? half_up(count) : count;
      const Plane scaled = lies_as_plane(to.format, plane) ? target.planes[plane] : scaled_[plane].plane();
      columns.run(unpacked[plane], scaled, rows);
      planes[plane] = scaled;
    }
    pack_yuv(planes, rows_shared_, target, colours_);
  }
}

}  // namespace camstream
