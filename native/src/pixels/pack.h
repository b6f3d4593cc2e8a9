// Planes of bytes into a picture of any format.
//
// Planes that lie in `to` already are left alone. RGB becomes BT.601 with limited range, the only
// matrix that libyuv has in that direction.
#pragma once

#include "pixels/unpack.h"
#include "pixels/yuv_constants.h"

namespace camstream {

// Luma alone; chroma becomes neutral.
void pack_luma(ConstPlane luma, const View& to, const YuvToRgb& colours);

// `rows_shared`: chroma is 4:2:0, otherwise 4:2:2. nv12 and i420 need the former.
void pack_yuv(const ConstPlanes& planes, bool rows_shared, const View& to, const YuvToRgb& colours);

// `scratch` holds kArgbRows rows of 4 bytes a pixel, unless `to` is RGB.
constexpr int kArgbRows = 16;
void pack_rgb(const ConstPlanes& planes, const View& to, Plane scratch);

// From libyuv's ARGB (B,G,R,A in memory).
void pack_argb(ConstPlane argb, const View& to);

}  // namespace camstream
