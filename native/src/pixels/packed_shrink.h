// Packed 4:2:2 (what most cameras send) made smaller: 16 rows at a time go all the way from the source to
// the result, so that only these two are read from and written to memory.
#pragma once

#include "pixels/column_gather.h"
#include "pixels/pack.h"
#include "pixels/row_scaler.h"

namespace camstream {

class PackedShrink {
 public:
  // Both sides shrink, the columns as ColumnGather can, and chroma is wanted.
  static bool can(PixelFormat from, PixelFormat to, PlaneSize source, PlaneSize target);

  // Only where can(). `colours` of the source.
  PackedShrink(PixelFormat from, PixelFormat to, PlaneSize source, PlaneSize target, const YuvToRgb& colours);
  void run(const ConstView& from, const View& to);

 private:
  YuvToRgb colours_;
  bool rows_shared_;  // of the chroma that the result is made of
  RowScaler rows_;
  ColumnGather luma_columns_;
  ColumnGather chroma_columns_;
  PlaneBuffer lowered_;
  PlaneBuffers unpacked_;
  PlaneBuffers scaled_;  // unused where a plane of the result is written at once
};

}  // namespace camstream
