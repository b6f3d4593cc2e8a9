#include "support/jpeg_picture.h"

#include <gtest/gtest.h>
#include <turbojpeg.h>

#include <algorithm>
#include <cstdlib>

namespace camstream {

PaintedPlanes painted(const JpegKind& kind) {
  PaintedPlanes planes;
  for (int y = 0; y < kind.height; ++y) {
    for (int x = 0; x < kind.width; ++x) {
      planes.y.push_back(static_cast<uint8_t>(40 + (160 * x / kind.width + kind.shade) % 160));
      planes.u.push_back(static_cast<uint8_t>(90 + 70 * y / kind.height));
      planes.v.push_back(static_cast<uint8_t>(160 - 70 * x / kind.width));
    }
  }
  return planes;
}

Bytes make_jpeg(const JpegKind& kind) {
  const PaintedPlanes from = painted(kind);
  // Each plane as libturbojpeg wants it: chroma in fewer columns and rows, all rounded up.
  const auto plane_of = [&](const Bytes& painted, int plane) {
    Bytes sent;
    if (plane > 0 && kind.sampling == TJSAMP_GRAY) return sent;
    const int columns = tjPlaneWidth(plane, kind.width, kind.sampling);
    const int rows = tjPlaneHeight(plane, kind.height, kind.sampling);
    const int across = plane == 0 ? 1 : tjPlaneWidth(0, kind.width, kind.sampling) / columns;
    const int down = plane == 0 ? 1 : tjPlaneHeight(0, kind.height, kind.sampling) / rows;
    for (int y = 0; y < rows; ++y) {
      for (int x = 0; x < columns; ++x) {
        const int from_x = std::min(x * across, kind.width - 1);
        const int from_y = std::min(y * down, kind.height - 1);
        sent.push_back(painted[static_cast<size_t>(from_y * kind.width + from_x)]);
      }
    }
    return sent;
  };
  const Bytes y = plane_of(from.y, 0), u = plane_of(from.u, 1), v = plane_of(from.v, 2);
  setenv("TJ_RESTART", kind.restart, 1);
  setenv("TJ_OPTIMIZE", kind.optimized ? "1" : "0", 1);
  const tjhandle encoder = tjInitCompress();
  const unsigned char* planes[] = {y.data(), u.data(), v.data()};
  unsigned char* jpeg = nullptr;
  unsigned long size = 0;
  const int done =
      tjCompressFromYUVPlanes(encoder, planes, kind.width, nullptr, kind.height, kind.sampling, &jpeg, &size,
                              kind.quality, kind.progressive ? TJFLAG_PROGRESSIVE : 0);
  EXPECT_EQ(done, 0) << tjGetErrorStr2(encoder);
  const Bytes bytes(jpeg, jpeg + size);
  tjFree(jpeg);
  tjDestroy(encoder);
  return bytes;
}

size_t find_segment(const Bytes& jpeg, uint8_t marker) {
  for (size_t at = 2; at + 4 <= jpeg.size() && jpeg[at] == 0xff;) {
    if (jpeg[at + 1] == marker) return at;
    at += 2 + (size_t{jpeg[at + 2]} << 8 | jpeg[at + 3]);
  }
  ADD_FAILURE() << "no segment " << int{marker};
  return 0;
}

Bytes without_segments(const Bytes& jpeg, uint8_t marker) {
  Bytes kept(jpeg.begin(), jpeg.begin() + 2);
  size_t at = 2;
  while (at + 4 <= jpeg.size() && jpeg[at] == 0xff && jpeg[at + 1] != 0xda) {
    const size_t next = at + 2 + (size_t{jpeg[at + 2]} << 8 | jpeg[at + 3]);
    if (jpeg[at + 1] != marker) kept.insert(kept.end(), &jpeg[at], &jpeg[next]);
    at = next;
  }
  kept.insert(kept.end(), jpeg.begin() + static_cast<ptrdiff_t>(at), jpeg.end());
  return kept;
}

}  // namespace camstream
