#include "pixels/unpack.h"

#include <libyuv/convert.h>
#include <libyuv/planar_functions.h>

namespace camstream {
namespace {

ConstPlane unpack_luma(const ConstView& from, Plane luma) {
  const auto extract = from.format == PixelFormat::kYuyv ? libyuv::YUY2ToY : libyuv::UYVYToY;
  extract(from.planes[0].data, from.planes[0].stride, luma.data, luma.stride, from.width, from.height);
  return luma;
}

ConstPlanes unpack_422(const ConstView& from, Plane y, Plane u, Plane v) {
  const auto split = from.format == PixelFormat::kYuyv ? libyuv::YUY2ToI422 : libyuv::UYVYToI422;
  split(from.planes[0].data, from.planes[0].stride, y.data, y.stride, u.data, u.stride, v.data, v.stride,
        from.width, from.height);
  return {y, u, v};
}

ConstPlanes unpack_semi_planar(const ConstView& from, Plane u, Plane v) {
  const Plane& first = from.format == PixelFormat::kNv12 ? u : v;
  const Plane& second = from.format == PixelFormat::kNv12 ? v : u;
  libyuv::SplitUVPlane(from.planes[1].data, from.planes[1].stride, first.data, first.stride, second.data,
                       second.stride, half_up(from.width), half_up(from.height));
  return {from.planes[0], u, v};
}

ConstPlanes unpack_rgb(const ConstView& from, Plane r, Plane g, Plane b) {
  const bool blue_first = from.format == PixelFormat::kBgr24;
  const Plane first = blue_first ? b : r;
  const Plane last = blue_first ? r : b;
  libyuv::SplitRGBPlane(from.planes[0].data, from.planes[0].stride, first.data, first.stride, g.data,
                        g.stride, last.data, last.stride, from.width, from.height);
  return {r, g, b};
}

}  // namespace

PlaneKind plane_kind(PixelFormat from, PixelFormat to) {
  if (is_rgb(from)) return PlaneKind::kRgb;
  return from == PixelFormat::kGray8 || to == PixelFormat::kGray8 ? PlaneKind::kLuma : PlaneKind::kYuv;
}

PlaneBuffers make_unpack_buffers(PixelFormat format, PlaneKind kind, PlaneSize size) {
  const PlaneSize chroma{half_up(size.width), plane_rows(format, 1, size.height)};
  PlaneBuffers buffers;
  if (is_packed_422(format)) buffers[0] = PlaneBuffer(size);
  if (is_rgb(format)) buffers = {PlaneBuffer(size), PlaneBuffer(size), PlaneBuffer(size)};
  if (kind == PlaneKind::kYuv && (is_packed_422(format) || is_semi_planar(format))) {
    buffers[1] = PlaneBuffer(chroma);
    buffers[2] = PlaneBuffer(chroma);
  }
  return buffers;
}

ConstPlanes unpack(const ConstView& from, PlaneKind kind, PlaneBuffers& buffers) {
  switch (from.format) {
    case PixelFormat::kYuyv:
    case PixelFormat::kUyvy:
      if (kind == PlaneKind::kLuma) return {unpack_luma(from, buffers[0].plane())};
      return unpack_422(from, buffers[0].plane(), buffers[1].plane(), buffers[2].plane());
    case PixelFormat::kNv12:
    case PixelFormat::kNv21:
      if (kind == PlaneKind::kLuma) return {from.planes[0]};
      return unpack_semi_planar(from, buffers[1].plane(), buffers[2].plane());
    case PixelFormat::kI420:
    case PixelFormat::kYv12: return {from.planes[0], from.planes[1], from.planes[2]};
    case PixelFormat::kGray8: return {from.planes[0]};
    case PixelFormat::kRgb24:
    case PixelFormat::kBgr24:
      return unpack_rgb(from, buffers[0].plane(), buffers[1].plane(), buffers[2].plane());
  }
  return {};
}

}  // namespace camstream
