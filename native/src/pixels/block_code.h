// The machine-readable part of the test picture: sequence number and capture time as black and white
// cells, big enough to survive JPEG, H.264 and scaling. docs/pixels.md describes it bit by bit.
//
//   32 x 4 cells on a grid of 40 x 30 over the whole picture, from column 4, row 2. White is 1, first
//   bit top left, most significant first:
//   row 0     sequence, low 32 bits
//   row 1, 2  capture time, CLOCK_MONOTONIC in ns
//   row 3     CRC-32 (IEEE 802.3) of those twelve bytes
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "pixels/image.h"
#include "pixels/rect.h"

namespace camstream {

constexpr uint32_t kPictureColumns = 40;
constexpr uint32_t kPictureRows = 30;

// Columns and rows of the picture's grid as pixels of this picture.
constexpr Rect grid_rect(const FrameLayout& layout, uint32_t x, uint32_t y, uint32_t width, uint32_t height) {
  const auto column = [&](uint32_t n) {
    return static_cast<uint32_t>(uint64_t{n} * layout.width / kPictureColumns);
  };
  const auto row = [&](uint32_t n) {
    return static_cast<uint32_t>(uint64_t{n} * layout.height / kPictureRows);
  };
  return {column(x), row(y), column(x + width) - column(x), row(y + height) - row(y)};
}

struct BlockCode {
  static constexpr uint32_t kColumn = 4;
  static constexpr uint32_t kRow = 2;
  static constexpr uint32_t kColumns = 32;
  static constexpr uint32_t kRows = 4;

  uint32_t sequence = 0;
  uint64_t captured_ns = 0;

  // One word a row of cells.
  std::array<uint32_t, kRows> words() const;
};

// Looks for the code in a picture of any format of ours, scaled, with or without black bars around it.
std::optional<BlockCode> read_block_code(const ConstImage& image);

}  // namespace camstream
