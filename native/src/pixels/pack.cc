#include "pixels/pack.h"

#include <libyuv/convert.h>
#include <libyuv/convert_from.h>
#include <libyuv/convert_from_argb.h>
#include <libyuv/planar_functions.h>

#include <algorithm>
#include <array>

namespace camstream {
namespace {

constexpr auto kNeutralRow = [] {
  std::array<uint8_t, 8192> row{};
  row.fill(128);
  return row;
}();
constexpr ConstPlane kNeutral{kNeutralRow.data(), 0};  // the same row again and again

void copy_unless_there(ConstPlane from, Plane to, int width, int height) {
  if (from.data != to.data) libyuv::CopyPlane(from.data, from.stride, to.data, to.stride, width, height);
}

void fill_neutral(Plane to, int row_bytes, int rows) {
  libyuv::SetPlane(to.data, to.stride, row_bytes, rows, 128);
}

void pack_422(const ConstPlanes& from, bool rows_shared, const View& to) {
  const bool yuyv = to.format == PixelFormat::kYuyv;
  const auto merge = rows_shared ? (yuyv ? libyuv::I420ToYUY2 : libyuv::I420ToUYVY)
                                 : (yuyv ? libyuv::I422ToYUY2 : libyuv::I422ToUYVY);
  merge(from[0].data, from[0].stride, from[1].data, from[1].stride, from[2].data, from[2].stride,
        to.planes[0].data, to.planes[0].stride, to.width, to.height);
}

void pack_semi_planar(const ConstPlanes& from, const View& to) {
  const ConstPlane& first = from[to.format == PixelFormat::kNv12 ? 1 : 2];
  const ConstPlane& second = from[to.format == PixelFormat::kNv12 ? 2 : 1];
  libyuv::MergeUVPlane(first.data, first.stride, second.data, second.stride, to.planes[1].data,
                       to.planes[1].stride, half_up(to.width), half_up(to.height));
}

void pack_to_rgb(const ConstPlanes& from, bool rows_shared, const View& to, const YuvToRgb& colours) {
  const bool bgr = to.format == PixelFormat::kBgr24;
  const ConstPlane& u = bgr ? from[1] : from[2];  // exchanged together with the constants
  const ConstPlane& v = bgr ? from[2] : from[1];
  const auto convert = rows_shared ? libyuv::I420ToRGB24Matrix : libyuv::I422ToRGB24Matrix;
  convert(from[0].data, from[0].stride, u.data, u.stride, v.data, v.stride, to.planes[0].data,
          to.planes[0].stride, bgr ? colours.bgr : colours.rgb, to.width, to.height);
}

}  // namespace

void pack_luma(ConstPlane luma, const View& to, const YuvToRgb& colours) {
  const int chroma_width = half_up(to.width), chroma_height = half_up(to.height);
  switch (to.format) {
    case PixelFormat::kI420:
    case PixelFormat::kYv12:
      fill_neutral(to.planes[1], chroma_width, chroma_height);
      fill_neutral(to.planes[2], chroma_width, chroma_height);
      return copy_unless_there(luma, to.planes[0], to.width, to.height);
    case PixelFormat::kNv12:
    case PixelFormat::kNv21:
      fill_neutral(to.planes[1], 2 * chroma_width, chroma_height);
      return copy_unless_there(luma, to.planes[0], to.width, to.height);
    case PixelFormat::kGray8: return copy_unless_there(luma, to.planes[0], to.width, to.height);
    case PixelFormat::kYuyv:
    case PixelFormat::kUyvy:
    case PixelFormat::kRgb24:
    case PixelFormat::kBgr24: return pack_yuv({luma, kNeutral, kNeutral}, false, to, colours);
  }
}

void pack_yuv(const ConstPlanes& planes, bool rows_shared, const View& to, const YuvToRgb& colours) {
  const int chroma_width = half_up(to.width), chroma_height = half_up(to.height);
  switch (to.format) {
    case PixelFormat::kYuyv:
    case PixelFormat::kUyvy: return pack_422(planes, rows_shared, to);
    case PixelFormat::kRgb24:
    case PixelFormat::kBgr24: return pack_to_rgb(planes, rows_shared, to, colours);
    case PixelFormat::kI420:
    case PixelFormat::kYv12:
      copy_unless_there(planes[1], to.planes[1], chroma_width, chroma_height);
      copy_unless_there(planes[2], to.planes[2], chroma_width, chroma_height);
      return copy_unless_there(planes[0], to.planes[0], to.width, to.height);
    case PixelFormat::kNv12:
    case PixelFormat::kNv21:
      pack_semi_planar(planes, to);
      return copy_unless_there(planes[0], to.planes[0], to.width, to.height);
    case PixelFormat::kGray8: return copy_unless_there(planes[0], to.planes[0], to.width, to.height);
  }
}

void pack_rgb(const ConstPlanes& planes, const View& to, Plane scratch) {
  if (is_rgb(to.format)) {
    const bool blue_first = to.format == PixelFormat::kBgr24;
    const ConstPlane& first = planes[blue_first ? 2 : 0];
    const ConstPlane& last = planes[blue_first ? 0 : 2];
    libyuv::MergeRGBPlane(first.data, first.stride, planes[1].data, planes[1].stride, last.data, last.stride,
                          to.planes[0].data, to.planes[0].stride, to.width, to.height);
    return;
  }
  for (int row = 0; row < to.height; row += kArgbRows) {
    const int count = std::min(kArgbRows, to.height - row);
    const auto at = [&](int plane) {
      return planes[plane].data + static_cast<ptrdiff_t>(row) * planes[plane].stride;
    };
    libyuv::MergeARGBPlane(at(0), planes[0].stride, at(1), planes[1].stride, at(2), planes[2].stride, nullptr,
                           0, scratch.data, scratch.stride, to.width, count);
    pack_argb(scratch, to.rows(row, count));
  }
}

void pack_argb(ConstPlane argb, const View& to) {
  const auto& [y, u, v] = to.planes;
  switch (to.format) {
    case PixelFormat::kYuyv:
      libyuv::ARGBToYUY2(argb.data, argb.stride, y.data, y.stride, to.width, to.height);
      return;
    case PixelFormat::kUyvy:
      libyuv::ARGBToUYVY(argb.data, argb.stride, y.data, y.stride, to.width, to.height);
      return;
    case PixelFormat::kNv12:
      libyuv::ARGBToNV12(argb.data, argb.stride, y.data, y.stride, u.data, u.stride, to.width, to.height);
      return;
    case PixelFormat::kNv21:
      libyuv::ARGBToNV21(argb.data, argb.stride, y.data, y.stride, u.data, u.stride, to.width, to.height);
      return;
    case PixelFormat::kI420:
    case PixelFormat::kYv12:
      libyuv::ARGBToI420(argb.data, argb.stride, y.data, y.stride, u.data, u.stride, v.data, v.stride,
                         to.width, to.height);
      return;
    case PixelFormat::kGray8:
      libyuv::ARGBToI400(argb.data, argb.stride, y.data, y.stride, to.width, to.height);
      return;
    case PixelFormat::kRgb24:
      libyuv::ARGBToRAW(argb.data, argb.stride, y.data, y.stride, to.width, to.height);
      return;
    case PixelFormat::kBgr24:
      libyuv::ARGBToRGB24(argb.data, argb.stride, y.data, y.stride, to.width, to.height);
      return;
  }
}

}  // namespace camstream
