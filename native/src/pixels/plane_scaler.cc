#include "pixels/plane_scaler.h"

#include <libyuv/planar_functions.h>
#include <libyuv/rotate.h>
#include <libyuv/scale.h>

#include <algorithm>

namespace camstream {
namespace {

constexpr int kStrip = 32;  // rows at a time: the width of an AVX2 register, and small enough for the cache

PlaneSize middle_size(PlaneSize from, PlaneSize to) {
  if (from.width == to.width || from.height == to.height) return {};
  return to.height < from.height ? PlaneSize{from.width, kStrip} : PlaneSize{to.width, from.height};
}

template <typename AnyPlane>
AnyPlane from_row(AnyPlane plane, int row) {
  return {plane.data + static_cast<ptrdiff_t>(row) * plane.stride, plane.stride};
}

bool is_half(PlaneSize from, PlaneSize to) {
  return from.width == 2 * to.width && from.height == 2 * to.height;
}

void enlarge_rows(ConstPlane from, int from_rows, Plane to, int to_rows, int row_bytes) {
  libyuv::ScalePlane(from.data, from.stride, row_bytes, from_rows, to.data, to.stride, row_bytes, to_rows,
                     libyuv::kFilterBilinear);
}

}  // namespace

PlaneScaler::PlaneScaler(PlaneSize from, PlaneSize to)
    : from_(from), to_(to), middle_(middle_size(from, to)) {
  if (to.height < from.height) lower_.emplace(from.height, to.height);
  if (ColumnGather::can(from.width, to.width)) {
    gather_.emplace(from.width, to.width);
  } else if (from.width != to.width) {
    if (to.width < from.width) narrow_turned_.emplace(from.width, to.width);
    turned_ = PlaneBuffer({kStrip, from.width});
    turned_scaled_ = PlaneBuffer({kStrip, to.width});
  }
}

void PlaneScaler::run(ConstPlane from, Plane to) {
  if (from_ == to_) {
    libyuv::CopyPlane(from.data, from.stride, to.data, to.stride, to_.width, to_.height);
  } else if (is_half(from_, to_)) {
    libyuv::ScalePlane(from.data, from.stride, from_.width, from_.height, to.data, to.stride, to_.width,
                       to_.height, libyuv::kFilterBox);
  } else if (from_.width == to_.width && lower_) {
    lower_->run(from, to, to_.width);
  } else if (from_.width == to_.width) {
    enlarge_rows(from, from_.height, to, to_.height, to_.width);
  } else if (from_.height == to_.height) {
    scale_columns(from, to, to_.height);
  } else if (lower_) {
    for (int row = 0; row < to_.height; row += kStrip) {
      const int count = std::min(kStrip, to_.height - row);
      lower_->run(from, row, count, middle_.plane(), from_.width);
      scale_columns(middle_.plane(), from_row(to, row), count);
    }
  } else {
    scale_columns(from, middle_.plane(), from_.height);
    enlarge_rows(middle_.plane(), from_.height, to, to_.height, to_.width);
  }
}

void PlaneScaler::scale_columns(ConstPlane from, Plane to, int rows) {
  if (gather_) return gather_->run(from, to, rows);
  const Plane turned = turned_.plane();
  const Plane scaled = turned_scaled_.plane();
  for (int row = 0; row < rows; row += kStrip) {
    const int count = std::min(kStrip, rows - row);
    const ConstPlane source = from_row(from, row);
    const Plane target = from_row(to, row);
    libyuv::RotatePlane90(source.data, source.stride, turned.data, turned.stride, from_.width, count);
    if (narrow_turned_) {
      narrow_turned_->run(turned, scaled, kStrip);
    } else {
      enlarge_rows(turned, from_.width, scaled, to_.width, kStrip);
    }
    libyuv::RotatePlane270(scaled.data, scaled.stride, target.data, target.stride, count, to_.width);
  }
}

}  // namespace camstream
