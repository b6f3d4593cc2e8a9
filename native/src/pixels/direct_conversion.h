// From one format to another, pixel by pixel: no scaling, no turning.
#pragma once

#include "pixels/pack.h"

namespace camstream {

class DirectConversion {
 public:
  // `size` of both pictures; `colours` of a YUV source.
  DirectConversion(PixelFormat from, PixelFormat to, PlaneSize size, const YuvToRgb& colours);
  void run(const ConstView& from, const View& to);

 private:
  bool run_in_one_call(const ConstView& from, const View& to) const;
  bool run_through_argb(const ConstView& from, const View& to);
  void run_through_planes(const ConstView& from, const View& to);

  YuvToRgb colours_;
  PlaneKind kind_;
  PlaneBuffers planes_;
  PlaneBuffer argb_;
};

}  // namespace camstream
