#include "pixels/plane_scaler.h"

#include <libyuv/planar_functions.h>
#include <libyuv/rotate.h>
#include <libyuv/scale.h>

#include <algorithm>

namespace camstream {
namespace {

constexpr int kStrip = 32;  // rows at a time: the width of an AVX2 register, and small enough for the cache

PlaneSize middle_size(PlaneSize from, PlaneSize to, bool rows_first) {
  if (from.width == to.width || from.height == to.height) return {};
  return rows_first ? PlaneSize{from.width, to.height} : PlaneSize{to.width, from.height};
}

bool is_half(PlaneSize from, PlaneSize to) {
  return from.width == 2 * to.width && from.height == 2 * to.height;
}

}  // namespace

// kFilterBox: libyuv itself takes the bilinear filter where the picture does not shrink by more than 2.
void scale_rows(ConstPlane from, int from_rows, Plane to, int to_rows, int row_bytes) {
  libyuv::ScalePlane(from.data, from.stride, row_bytes, from_rows, to.data, to.stride, row_bytes, to_rows,
                     libyuv::kFilterBox);
}

PlaneScaler::PlaneScaler(PlaneSize from, PlaneSize to)
    : from_(from),
      to_(to),
      rows_first_(to.height < from.height),
      middle_(middle_size(from, to, rows_first_)),
      turned_(from.width == to.width ? PlaneSize{} : PlaneSize{kStrip, from.width}),
      turned_scaled_(from.width == to.width ? PlaneSize{} : PlaneSize{kStrip, to.width}) {}

void PlaneScaler::run(ConstPlane from, Plane to) {
  if (from_ == to_) {
    libyuv::CopyPlane(from.data, from.stride, to.data, to.stride, to_.width, to_.height);
  } else if (is_half(from_, to_)) {
    libyuv::ScalePlane(from.data, from.stride, from_.width, from_.height, to.data, to.stride, to_.width,
                       to_.height, libyuv::kFilterBox);
  } else if (from_.width == to_.width) {
    scale_rows(from, from_.height, to, to_.height, to_.width);
  } else if (from_.height == to_.height) {
    scale_columns(from, to, to_.height);
  } else if (rows_first_) {
    scale_rows(from, from_.height, middle_.plane(), to_.height, from_.width);
    scale_columns(middle_.plane(), to, to_.height);
  } else {
    scale_columns(from, middle_.plane(), from_.height);
    scale_rows(middle_.plane(), from_.height, to, to_.height, to_.width);
  }
}

void PlaneScaler::scale_columns(ConstPlane from, Plane to, int rows) {
  const Plane turned = turned_.plane();
  const Plane scaled = turned_scaled_.plane();
  for (int row = 0; row < rows; row += kStrip) {
    const int count = std::min(kStrip, rows - row);
    libyuv::RotatePlane90(from.data + static_cast<ptrdiff_t>(row) * from.stride, from.stride, turned.data,
                          turned.stride, from_.width, count);
    scale_rows(turned, from_.width, scaled, to_.width, kStrip);
    libyuv::RotatePlane270(scaled.data, scaled.stride, to.data + static_cast<ptrdiff_t>(row) * to.stride,
                           to.stride, count, to_.width);
  }
}

}  // namespace camstream
