#include "pixels/notice_picture.h"

#include <algorithm>
#include <sstream>
#include <vector>

#include "pixels/glyphs.h"
#include "pixels/luma.h"

namespace camstream {
namespace {

constexpr uint8_t kGround = 40;
constexpr uint8_t kText = 235;
constexpr uint32_t kCellWidth = kGlyphWidth + 1;
constexpr uint32_t kCellHeight = kGlyphHeight + 3;
constexpr uint32_t kMargin = 2;       // cells, all around
constexpr uint32_t kLargestDots = 8;  // of 1080 rows; more for larger pictures

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

void paint_line(const Image& image, uint32_t left, uint32_t top, uint32_t dot, const std::string& line) {
  for (uint32_t n = 0; n < line.size(); ++n) {
    const Glyph& glyph = glyph_of(line[n]);
    for (uint32_t y = 0; y < kGlyphHeight; ++y) {
      for (uint32_t x = 0; x < kGlyphWidth; ++x) {
        if ((glyph[y] >> (kGlyphWidth - 1 - x) & 1) == 0) continue;
        fill_grey(image, {left + (n * kCellWidth + x) * dot, top + y * dot, dot, dot}, kText);
      }
    }
  }
}

}  // namespace

void paint_notice(const Image& image, const std::string& text) {
  const FrameLayout& layout = image.layout;
  const bool rgb = is_rgb(static_cast<PixelFormat>(layout.fourcc));
  std::fill_n(image.data, layout.payload_size, rgb ? kGround : uint8_t{128});  // neutral chroma everywhere
  fill_grey(image, {0, 0, layout.width, layout.height}, kGround);
  const std::vector<std::string> lines = lines_of(text);
  size_t longest = 1;
  for (const std::string& line : lines) longest = std::max(longest, line.size());
  const auto columns = static_cast<uint32_t>(longest + 2 * kMargin) * kCellWidth;
  const auto rows = static_cast<uint32_t>(lines.size() + 2 * kMargin) * kCellHeight;
  const uint32_t most = std::max(1u, layout.height * kLargestDots / 1080);
  const uint32_t dot = std::min({layout.width / columns, layout.height / rows, most});
  if (dot == 0) return;
  uint32_t top = (layout.height - static_cast<uint32_t>(lines.size()) * kCellHeight * dot) / 2;
  for (const std::string& line : lines) {
    const uint32_t left = (layout.width - static_cast<uint32_t>(line.size()) * kCellWidth * dot) / 2;
    paint_line(image, left, top, dot, line);
    top += kCellHeight * dot;
  }
}

}  // namespace camstream
