#include "pixels/block_code.h"

#include "pixels/luma.h"
#include "pixels/picture_area.h"

namespace camstream {
namespace {

constexpr uint8_t kThreshold = 126;  // between 16 and 235, and between 0 and 255
constexpr uint32_t kSamples = 4;     // a side of the square of points looked at in a cell

uint32_t crc32(const uint8_t* bytes, size_t size) {
  uint32_t crc = ~uint32_t{0};
  for (size_t n = 0; n < size; ++n) {
    crc ^= bytes[n];
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0u);
  }
  return ~crc;
}

uint32_t crc_of(uint32_t sequence, uint64_t captured_ns) {
  uint8_t bytes[12];
  for (int n = 0; n < 4; ++n) bytes[n] = static_cast<uint8_t>(sequence >> (24 - 8 * n));
  for (int n = 0; n < 8; ++n) bytes[4 + n] = static_cast<uint8_t>(captured_ns >> (56 - 8 * n));
  return crc32(bytes, sizeof bytes);
}

// Where between `low` and `high` the point `n` of kSamples lies, all in the middle half of a cell that
// begins `cell` cells after the picture's edge.
uint32_t sample_position(uint32_t start, uint32_t extent, uint32_t cell, uint32_t cells, uint32_t n) {
  const double inside = 0.25 + 0.5 * (n + 0.5) / kSamples;
  return start + static_cast<uint32_t>((cell + inside) * extent / cells);
}

bool cell_is_white(const LumaReader& luma, const Rect& picture, uint32_t column, uint32_t row) {
  uint32_t white = 0;
  for (uint32_t sy = 0; sy < kSamples; ++sy) {
    const uint32_t y = sample_position(picture.y, picture.height, row, kPictureRows, sy);
    for (uint32_t sx = 0; sx < kSamples; ++sx) {
      const uint32_t x = sample_position(picture.x, picture.width, column, kPictureColumns, sx);
      white += luma.at(x, y) > kThreshold ? 1 : 0;
    }
  }
  return 2 * white > kSamples * kSamples;
}

std::optional<BlockCode> read_within(const LumaReader& luma, const Rect& picture) {
  std::array<uint32_t, BlockCode::kRows> words{};
  for (uint32_t row = 0; row < BlockCode::kRows; ++row) {
    for (uint32_t column = 0; column < BlockCode::kColumns; ++column) {
      const bool white = cell_is_white(luma, picture, BlockCode::kColumn + column, BlockCode::kRow + row);
      words[row] = words[row] << 1 | (white ? 1u : 0u);
    }
  }
  const BlockCode code{.sequence = words[0], .captured_ns = uint64_t{words[1]} << 32 | words[2]};
  if (words[3] != crc_of(code.sequence, code.captured_ns)) return std::nullopt;
  return code;
}

}  // namespace

std::array<uint32_t, BlockCode::kRows> BlockCode::words() const {
  return {sequence, static_cast<uint32_t>(captured_ns >> 32), static_cast<uint32_t>(captured_ns),
          crc_of(sequence, captured_ns)};
}

std::optional<BlockCode> read_block_code(const ConstImage& image) {
  const Rect picture = area_without_bars(image);
  if (picture.width < kPictureColumns || picture.height < kPictureRows) return std::nullopt;
  return read_within(LumaReader(image), picture);
}

}  // namespace camstream
