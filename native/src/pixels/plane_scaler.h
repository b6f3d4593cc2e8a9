// Scales one plane of bytes: the mean of all pixels when it shrinks by more than 2, linear otherwise.
//
// libyuv scales rows (vertically) with SIMD and columns without: 1.2 ms against 0.1 ms for 1080p to
// 720p. Columns are scaled by ColumnGather where it can. Otherwise they are scaled as rows: 32 rows at a time
// are turned by 90 degrees, scaled and turned back (0.3 ms), which also gives a true mean in both directions.
#pragma once

#include <optional>

#include "pixels/column_gather.h"
#include "pixels/row_scaler.h"

namespace camstream {

class PlaneScaler {
 public:
  PlaneScaler(PlaneSize from, PlaneSize to);
  void run(ConstPlane from, Plane to);

 private:
  void scale_columns(ConstPlane from, Plane to, int rows);

  PlaneSize from_;
  PlaneSize to_;
  std::optional<RowScaler> lower_;  // if the plane gets lower: the first step then, a strip at a time
  std::optional<ColumnGather> gather_;
  PlaneBuffer middle_;  // after the first of the two passes
  std::optional<RowScaler> narrow_turned_;  // these three without gather_
  PlaneBuffer turned_;
  PlaneBuffer turned_scaled_;
};

}  // namespace camstream
