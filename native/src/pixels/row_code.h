// A check on every row of the test picture: the low 16 bits of the sequence number as vertical stripes
// along the left edge, so that a picture made of rows of two frames is found out.
//
// 16 stripes, each 1/240 of the width, from the left edge over the whole height, most significant bit
// first, light grey is 1, dark grey 0: low contrast, because a codec pays for stripes that change with
// every frame. Holds for the picture as painted, converted, and scaled down to 320 wide; it is not made
// to survive a lossy codec (the block code is).
#pragma once

#include <cstdint>

#include "pixels/image.h"

namespace camstream {

constexpr uint32_t kStripes = 16;
constexpr uint32_t kStripesAcross = 240;  // as many would fill the width

// Paints `sequence` into every row, in which `before` stands; ~sequence where anything may.
void paint_rows(const Image& image, uint16_t before, uint16_t sequence);

struct RowCheck {
  bool torn = false;
  uint16_t sequence = 0;  // of the first row
  uint32_t row = 0;       // torn: the first row that says otherwise
};

// Pictures under 240 wide carry no stripes: their answer means nothing.
RowCheck check_rows(const ConstImage& image);

}  // namespace camstream
