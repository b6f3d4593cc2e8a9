// A picture of any format as planes of bytes: luma and chroma, or red, green and blue.
#pragma once

#include "pixels/plane_buffer.h"

namespace camstream {

using ConstPlanes = std::array<ConstPlane, 3>;
using PlaneBuffers = std::array<PlaneBuffer, 3>;

// What the planes of a picture mean.
enum class PlaneKind {
  kLuma,  // one plane
  kYuv,   // Y, U, V
  kRgb,   // R, G, B
};

// The planes that a conversion has to work on.
PlaneKind plane_kind(PixelFormat from, PixelFormat to);

// Buffers that unpack() needs for a picture of this size; those that it does not need are empty.
PlaneBuffers make_unpack_buffers(PixelFormat format, PlaneKind kind, PlaneSize size);

// Planes that lie apart in `from` are returned where they are, without a copy. Chroma has the rows and
// columns that `from` has. kLuma takes the luma of any YUV format.
ConstPlanes unpack(const ConstView& from, PlaneKind kind, PlaneBuffers& buffers);

}  // namespace camstream
