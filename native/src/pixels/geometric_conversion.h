// From one format to another with scaling, rotation or mirroring on the way.
//
// Steps, each left out where nothing is to do: packed rows are scaled vertically if the picture gets
// lower (the cheapest step, on the fewest bytes afterwards), taken apart into planes, the planes scaled,
// turned, and put together as the wanted format. The last step before that writes into the result
// where this has the same planes.
#pragma once

#include <vector>

#include "pixels/conversion_geometry.h"
#include "pixels/pack.h"
#include "pixels/plane_scaler.h"

namespace camstream {

class GeometricConversion {
 public:
  GeometricConversion(PixelFormat from, PixelFormat to, const ConversionGeometry& geometry,
                      const YuvToRgb& colours);
  // `from` and `to` are the geometry's source and target rectangles.
  void run(const ConstView& from, const View& to);

 private:
  struct PlanePath {
    PlaneSize from, scaled, turned;
    PlaneScaler scaler;
    PlaneBuffer scaled_buffer, turned_buffer;
  };

  void add_plane(PlaneSize from, PlaneSize turned);
  ConstView lower(const ConstView& from);
  ConstPlane follow(PlanePath& path, ConstPlane from, std::optional<Plane> destination) const;

  YuvToRgb colours_;
  Orientation orientation_;
  PlaneKind kind_;
  bool rows_shared_;    // of the chroma that is put together
  int lowered_height_;  // of the source after the first step; its own where that is left out
  std::vector<RowScaler> lower_planes_;  // the first step
  PlaneBuffers lowered_;
  PlaneBuffers unpacked_;
  std::vector<PlanePath> paths_;
  PlaneBuffer argb_;
};

}  // namespace camstream
