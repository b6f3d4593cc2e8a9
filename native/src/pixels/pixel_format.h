// The raw pixel formats we know, under their V4L2 fourcc.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "ring/layout.h"

namespace camstream {

constexpr uint32_t fourcc(char a, char b, char c, char d) {
  return static_cast<uint32_t>(a) | static_cast<uint32_t>(b) << 8 | static_cast<uint32_t>(c) << 16 |
         static_cast<uint32_t>(d) << 24;
}

// Names as the configuration and the SDK spell them. Bytes in memory, first to last:
// rgb24 is R,G,B (V4L2 RGB3); bgr24 is B,G,R (V4L2 BGR3).
enum class PixelFormat : uint32_t {
  kYuyv = fourcc('Y', 'U', 'Y', 'V'),
  kUyvy = fourcc('U', 'Y', 'V', 'Y'),
  kNv12 = fourcc('N', 'V', '1', '2'),
  kNv21 = fourcc('N', 'V', '2', '1'),
  kI420 = fourcc('Y', 'U', '1', '2'),
  kYv12 = fourcc('Y', 'V', '1', '2'),
  kRgb24 = fourcc('R', 'G', 'B', '3'),
  kBgr24 = fourcc('B', 'G', 'R', '3'),
  kGray8 = fourcc('G', 'R', 'E', 'Y'),
};

struct FormatName {
  PixelFormat format;
  std::string_view name;
};
constexpr std::array<FormatName, 9> kFormatNames{{
    {PixelFormat::kYuyv, "yuyv"},
    {PixelFormat::kUyvy, "uyvy"},
    {PixelFormat::kNv12, "nv12"},
    {PixelFormat::kNv21, "nv21"},
    {PixelFormat::kI420, "i420"},
    {PixelFormat::kYv12, "yv12"},
    {PixelFormat::kRgb24, "rgb24"},
    {PixelFormat::kBgr24, "bgr24"},
    {PixelFormat::kGray8, "gray8"},
}};

constexpr std::optional<PixelFormat> format_of_fourcc(uint32_t code) {
  for (const auto& entry : kFormatNames) {
    if (static_cast<uint32_t>(entry.format) == code) return entry.format;
  }
  return std::nullopt;
}
constexpr std::optional<PixelFormat> format_of_name(std::string_view name) {
  for (const auto& entry : kFormatNames) {
    if (entry.name == name) return entry.format;
  }
  return std::nullopt;
}
constexpr std::string_view name_of(PixelFormat format) {
  for (const auto& entry : kFormatNames) {
    if (entry.format == format) return entry.name;
  }
  return "unknown";
}
constexpr bool is_rgb(PixelFormat format) {
  return format == PixelFormat::kRgb24 || format == PixelFormat::kBgr24;
}

// How one frame lies in a slot, and how its colours are meant. What the ring's header says.
struct FrameLayout {
  uint32_t fourcc = 0;
  uint32_t width = 0;
  uint32_t height = 0;
  uint32_t plane_count = 0;
  std::array<PlaneLayout, kMaxPlanes> planes{};
  uint64_t payload_size = 0;  // bytes of one frame, not under the driver's sizeimage
  Matrix matrix = Matrix::kBt601;
  Primaries primaries = Primaries::kUnspecified;
  Range range = Range::kLimited;
  uint32_t rate_numerator = 0;
  uint32_t rate_denominator = 1;

  bool operator==(const FrameLayout&) const = default;
};

// The layout without padding. Odd sizes: chroma is rounded up; yuyv and uyvy rows have an even width.
FrameLayout packed_layout(PixelFormat format, uint32_t width, uint32_t height);

}  // namespace camstream
