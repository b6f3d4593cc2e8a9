#include "pixels/test_picture.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <string>

#include "pixels/block_code.h"
#include "pixels/glyphs.h"
#include "pixels/luma.h"
#include "pixels/row_code.h"

namespace camstream {
namespace {

constexpr uint8_t kGround = 96;  // lighter than the bars that scaling adds, so that these can be told from it
constexpr uint8_t kWhite = 255;
constexpr uint8_t kBlack = 0;
constexpr uint32_t kBoxPeriod = 240;  // frames to and fro

struct Colour {
  uint8_t r, g, b, y, u, v;
};
// 75 % bars; BT.601 limited range.
constexpr std::array<Colour, 8> kBars{{{191, 191, 191, 180, 128, 128},
                                       {191, 191, 0, 162, 44, 142},
                                       {0, 191, 191, 131, 156, 44},
                                       {0, 191, 0, 112, 72, 58},
                                       {191, 0, 191, 84, 184, 198},
                                       {191, 0, 0, 65, 100, 212},
                                       {0, 0, 191, 35, 212, 114},
                                       {0, 0, 0, 16, 128, 128}}};

void set_pixel(const Image& image, uint32_t x, uint32_t y, const Colour& colour) {
  const auto& planes = image.layout.planes;
  uint8_t* row = image.data + planes[0].offset + static_cast<size_t>(y) * planes[0].stride;
  const auto chroma = [&](uint32_t plane) {
    return image.data + planes[plane].offset + static_cast<size_t>(y / 2) * planes[plane].stride;
  };
  switch (static_cast<PixelFormat>(image.layout.fourcc)) {
    case PixelFormat::kYuyv:
      row[2 * x] = colour.y;
      row[2 * x + 1] = x % 2 == 0 ? colour.u : colour.v;
      return;
    case PixelFormat::kUyvy:
      row[2 * x] = x % 2 == 0 ? colour.u : colour.v;
      row[2 * x + 1] = colour.y;
      return;
    case PixelFormat::kNv12:
      row[x] = colour.y;
      chroma(1)[x / 2 * 2] = colour.u;
      chroma(1)[x / 2 * 2 + 1] = colour.v;
      return;
    case PixelFormat::kNv21:
      row[x] = colour.y;
      chroma(1)[x / 2 * 2] = colour.v;
      chroma(1)[x / 2 * 2 + 1] = colour.u;
      return;
    case PixelFormat::kI420:
      row[x] = colour.y;
      chroma(1)[x / 2] = colour.u;
      chroma(2)[x / 2] = colour.v;
      return;
    case PixelFormat::kYv12:
      row[x] = colour.y;
      chroma(1)[x / 2] = colour.v;
      chroma(2)[x / 2] = colour.u;
      return;
    case PixelFormat::kRgb24:
      std::copy_n(std::array{colour.r, colour.g, colour.b}.begin(), 3, row + 3 * x);
      return;
    case PixelFormat::kBgr24:
      std::copy_n(std::array{colour.b, colour.g, colour.r}.begin(), 3, row + 3 * x);
      return;
    case PixelFormat::kGray8: row[x] = colour.y; return;
  }
}

// Edges on even pixels, so that no chroma sample belongs to two bars.
void paint_bars(const Image& image) {
  for (uint32_t bar = 0; bar < kBars.size(); ++bar) {
    const Rect cell = grid_rect(image.layout, 4 + 4 * bar, 20, 4, 8);
    const uint32_t right = (cell.x + cell.width) & ~1u, bottom = (cell.y + cell.height) & ~1u;
    for (uint32_t y = cell.y & ~1u; y < bottom; ++y) {
      for (uint32_t x = cell.x & ~1u; x < right; ++x) set_pixel(image, x, y, kBars[bar]);
    }
  }
}

using CodeWords = std::array<uint32_t, BlockCode::kRows>;

CodeWords code_words(const TestMoment& moment) {
  return BlockCode{static_cast<uint32_t>(moment.sequence), moment.captured_ns}.words();
}

// Only the cells that differ.
void paint_block_code(const Image& image, const CodeWords& before, const CodeWords& words) {
  for (uint32_t row = 0; row < BlockCode::kRows; ++row) {
    for (uint32_t column = 0; column < BlockCode::kColumns; ++column) {
      const uint32_t bit = 1u << (BlockCode::kColumns - 1 - column);
      if ((words[row] & bit) == (before[row] & bit)) continue;
      const Rect cell = grid_rect(image.layout, BlockCode::kColumn + column, BlockCode::kRow + row, 1, 1);
      fill_grey(image, cell, words[row] & bit ? kWhite : kBlack);
    }
  }
}

std::string number_text(const TestMoment& moment) {
  char text[16];
  std::snprintf(text, sizeof text, "%010u", static_cast<uint32_t>(moment.sequence));
  return text;
}

std::string clock_text(const TestMoment& moment) {
  const uint64_t ms = moment.clock_ns / 1'000'000;
  const auto part = [](uint64_t value, uint64_t modulus) { return static_cast<unsigned>(value % modulus); };
  char text[32];
  std::snprintf(text, sizeof text, "%02u:%02u:%02u.%03u", part(ms / 3'600'000, 24), part(ms / 60'000, 60),
                part(ms / 1000, 60), part(ms, 1000));
  return text;
}

void paint_glyph(const Image& image, const Rect& cell, uint32_t dot, char character) {
  fill_grey(image, cell, kGround);
  const Glyph& glyph = glyph_of(character);
  for (uint32_t y = 0; y < kGlyphHeight; ++y) {
    for (uint32_t x = 0; x < kGlyphWidth; ++x) {
      if ((glyph[y] >> (kGlyphWidth - 1 - x) & 1) == 0) continue;
      fill_grey(image, {cell.x + x * dot, cell.y + y * dot, dot, dot}, kWhite);
    }
  }
}

// `line` 0 or 1 of the two. Only characters that differ; `old_text` empty: all.
void paint_text(const Image& image, uint32_t line, const std::string& old_text, const std::string& text) {
  const Rect area = grid_rect(image.layout, 4, 7 + 3 * line, 32, 3);
  const uint32_t dot = std::min(area.width / (12 * (kGlyphWidth + 1)), area.height / (kGlyphHeight + 1));
  if (dot == 0) return;  // too small a picture for digits
  for (uint32_t n = 0; n < text.size(); ++n) {
    if (n < old_text.size() && old_text[n] == text[n]) continue;
    const uint32_t x = area.x + n * (kGlyphWidth + 1) * dot;
    paint_glyph(image, {x, area.y, kGlyphWidth * dot, kGlyphHeight * dot}, dot, text[n]);
  }
}

Rect box_at(const FrameLayout& layout, uint64_t sequence) {
  const Rect track = grid_rect(layout, 4, 14, 32, 4);
  const Rect box = grid_rect(layout, 4, 14, 4, 4);
  const auto phase = static_cast<uint32_t>(sequence % kBoxPeriod);
  const uint32_t way = phase < kBoxPeriod / 2 ? phase : kBoxPeriod - phase;
  const auto moved = static_cast<uint32_t>(uint64_t{track.width - box.width} * way / (kBoxPeriod / 2));
  return {track.x + moved, track.y, box.width, box.height};
}

void paint_box(const Image& image, uint64_t before, uint64_t sequence) {
  fill_grey(image, box_at(image.layout, before), kGround);
  fill_grey(image, box_at(image.layout, sequence), kWhite);
}

}  // namespace

TestPicture::TestPicture(const FrameLayout& layout) : layout_(layout), background_(layout.payload_size) {
  // Neutral chroma everywhere (in RGB: the ground's own grey), then the ground's brightness.
  std::fill(background_.begin(), background_.end(),
            is_rgb(static_cast<PixelFormat>(layout.fourcc)) ? kGround : 128);
  const Image image{background_.data(), layout_};
  const TestMoment zero;
  fill_grey(image, {0, 0, layout.width, layout.height}, kGround);
  paint_bars(image);
  paint_rows(image, 0xffff, 0);  // every stripe
  CodeWords all_differ = code_words(zero);
  for (uint32_t& word : all_differ) word = ~word;
  paint_block_code(image, all_differ, code_words(zero));
  paint_text(image, 0, "", number_text(zero));
  paint_text(image, 1, "", clock_text(zero));
  paint_box(image, 0, 0);
}

void TestPicture::paint(uint8_t* data, const std::optional<TestMoment>& before,
                        const TestMoment& next) const {
  if (!before) std::memcpy(data, background_.data(), background_.size());
  const TestMoment old = before.value_or(TestMoment{});
  const Image image{data, layout_};
  paint_rows(image, static_cast<uint16_t>(old.sequence), static_cast<uint16_t>(next.sequence));
  paint_block_code(image, code_words(old), code_words(next));
  paint_text(image, 0, number_text(old), number_text(next));
  paint_text(image, 1, clock_text(old), clock_text(next));
  paint_box(image, old.sequence, next.sequence);
}

FrameLayout test_picture_layout(PixelFormat format, uint32_t width, uint32_t height) {
  FrameLayout layout = packed_layout(format, width, height);
  const bool rgb = is_rgb(format);
  layout.matrix = rgb ? Matrix::kRgb : Matrix::kBt601;
  layout.primaries = rgb ? Primaries::kBt709 : Primaries::kSmpte170m;
  layout.range = rgb ? Range::kFull : Range::kLimited;
  return layout;
}

}  // namespace camstream
