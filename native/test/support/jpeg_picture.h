// JPEGs as cameras send them, and parts of them to be damaged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace camstream {

using Bytes = std::vector<uint8_t>;

struct JpegKind {
  int width = 64;
  int height = 48;
  int sampling = 1;  // TJSAMP_*; 1 is 4:2:2, what USB cameras send
  int quality = 90;
  bool progressive = false;
  bool optimized = false;    // Huffman tables of its own
  const char* restart = "";  // "1": a marker after each row of blocks; "4B": after four blocks
  int shade = 0;             // which picture
};

// What make_jpeg() encodes, chroma in all columns and rows: luma and V change from left to right, U from top
// to bottom; `shade` moves luma.
struct PaintedPlanes {
  Bytes y, u, v;
};
PaintedPlanes painted(const JpegKind& kind);

Bytes make_jpeg(const JpegKind& kind = {});

constexpr uint8_t kDht = 0xc4, kDqt = 0xdb, kSof = 0xc0, kSos = 0xda;
// Where the first segment of that marker begins.
size_t find_segment(const Bytes& jpeg, uint8_t marker);
// Without kDht: Motion JPEG.
Bytes without_segments(const Bytes& jpeg, uint8_t marker);

}  // namespace camstream
