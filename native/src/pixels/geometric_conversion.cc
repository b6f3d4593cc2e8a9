#include "pixels/geometric_conversion.h"

namespace camstream {
namespace {

// Where plane `plane` of the result is a plane of `to` already.
std::optional<Plane> plane_within(const View& to, PlaneKind kind, int plane) {
  if (kind == PlaneKind::kRgb) return std::nullopt;
  return lies_as_plane(to.format, plane) ? std::optional(to.planes[plane]) : std::nullopt;
}

// Formats whose planes are scaled as they lie gain nothing by a step before.
bool lies_in_planes(PixelFormat format) {
  return format == PixelFormat::kI420 || format == PixelFormat::kGray8;
}

}  // namespace

GeometricConversion::GeometricConversion(PixelFormat from, PixelFormat to, const ConversionGeometry& geometry,
                                         const YuvToRgb& colours)
    : colours_(colours), orientation_(geometry.orientation), kind_(plane_kind(from, to)) {
  const PlaneSize source{static_cast<int>(geometry.source.width), static_cast<int>(geometry.source.height)};
  const PlaneSize target{static_cast<int>(geometry.target.width), static_cast<int>(geometry.target.height)};
  // RGB takes chroma as it comes, but 4:2:2 that was turned has its columns where its rows were.
  rows_shared_ = is_rgb(to) ? shares_rows(from) || orientation_.swaps_sides() : shares_rows(to);

  const int scaled_height = orientation_.swaps_sides() ? target.width : target.height;
  const bool lowers = scaled_height < source.height && !lies_in_planes(from);
  lowered_height_ = lowers ? scaled_height : source.height;
  const PlaneSize unpacked{source.width, lowered_height_};
  for (int plane = 0; lowers && plane < plane_count_of(from); ++plane) {
    const int rows = plane_rows(from, plane, unpacked.height);
    lower_planes_.emplace_back(plane_rows(from, plane, source.height), rows);
    lowered_[plane] = PlaneBuffer({plane_row_bytes(from, plane, unpacked.width), rows});
  }
  unpacked_ = make_unpack_buffers(from, kind_, unpacked);

  add_plane(unpacked, target);
  for (int plane = 1; plane < 3 && kind_ == PlaneKind::kRgb; ++plane) add_plane(unpacked, target);
  for (int plane = 1; plane < 3 && kind_ == PlaneKind::kYuv; ++plane) {
    add_plane({half_up(unpacked.width), plane_rows(from, plane, unpacked.height)},
              {half_up(target.width), rows_shared_ ? half_up(target.height) : target.height});
  }
  if (kind_ == PlaneKind::kRgb && !is_rgb(to)) argb_ = PlaneBuffer({4 * target.width, kArgbRows});
}

void GeometricConversion::add_plane(PlaneSize from, PlaneSize turned) {
  const PlaneSize scaled = orientation_.swaps_sides() ? turned.turned() : turned;
  paths_.push_back({from, scaled, turned, PlaneScaler(from, scaled),
                    from == scaled ? PlaneBuffer() : PlaneBuffer(scaled),
                    orientation_.upright() ? PlaneBuffer() : PlaneBuffer(turned)});
}

void GeometricConversion::run(const ConstView& from, const View& to) {
  const ConstPlanes unpacked = unpack(lower(from), kind_, unpacked_);
  ConstPlanes planes{};
  for (int plane = 0; plane < static_cast<int>(paths_.size()); ++plane) {
    planes[plane] = follow(paths_[plane], unpacked[plane], plane_within(to, kind_, plane));
  }
  switch (kind_) {
    case PlaneKind::kLuma: return pack_luma(planes[0], to, colours_);
    case PlaneKind::kYuv: return pack_yuv(planes, rows_shared_, to, colours_);
    case PlaneKind::kRgb: return pack_rgb(planes, to, argb_.plane());
  }
}

ConstView GeometricConversion::lower(const ConstView& from) {
  if (lowered_height_ == from.height) return from;
  ConstView lowered{from.format, from.width, lowered_height_, {}};
  // Chroma of its own is left alone where only luma is wanted.
  const int planes = kind_ == PlaneKind::kLuma ? 1 : plane_count_of(from.format);
  for (int plane = 0; plane < planes; ++plane) {
    const Plane to = lowered_[plane].plane();
    lower_planes_[static_cast<size_t>(plane)].run(from.planes[plane], to,
                                                  plane_row_bytes(from.format, plane, from.width));
    lowered.planes[plane] = to;
  }
  return lowered;
}

ConstPlane GeometricConversion::follow(PlanePath& path, ConstPlane from,
                                       std::optional<Plane> destination) const {
  ConstPlane plane = from;
  if (path.from != path.scaled) {
    const bool last = orientation_.upright();
    const Plane scaled = last && destination ? *destination : path.scaled_buffer.plane();
    path.scaler.run(plane, scaled);
    plane = scaled;
  }
  if (orientation_.upright()) return plane;
  const Plane turned = destination ? *destination : path.turned_buffer.plane();
  turn_plane(plane, path.scaled, turned, orientation_);
  return turned;
}

}  // namespace camstream
