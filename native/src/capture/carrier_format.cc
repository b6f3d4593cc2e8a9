#include "capture/carrier_format.h"

#include <algorithm>

namespace camstream {
namespace {

constexpr uint32_t kMostPixels = 8192;                // of a side
constexpr uint64_t kMostBytes = uint64_t{512} << 20;  // with any padding
constexpr uint32_t kMostHertz = 1'000'000;

bool knows(uint32_t matrix, uint32_t primaries, uint32_t range) {
  const auto any = [](uint32_t value, auto... known) {
    return ((value == static_cast<uint32_t>(known)) || ...);
  };
  return any(matrix, Matrix::kRgb, Matrix::kBt709, Matrix::kUnspecified, Matrix::kBt601, Matrix::kBt2020) &&
         any(primaries, Primaries::kBt709, Primaries::kUnspecified, Primaries::kBt470bg,
             Primaries::kSmpte170m, Primaries::kBt2020) &&
         any(range, Range::kUnspecified, Range::kLimited, Range::kFull);
}

// As many planes and rows as the format has, each row at least as long, all of it inside the payload.
bool holds(const CarrierFormat& format, const FrameLayout& packed) {
  if (format.plane_count != packed.plane_count) return false;
  if (format.payload_size == 0 || format.payload_size > kMostBytes) return false;
  for (uint32_t i = 0; i < packed.plane_count; ++i) {
    const PlaneLayout& plane = format.planes[i];
    if (plane.rows != packed.planes[i].rows || plane.stride < packed.planes[i].stride) return false;
    if (plane.offset > format.payload_size) return false;
    if (uint64_t{plane.stride} * plane.rows > format.payload_size - plane.offset) return false;
  }
  return true;
}

}  // namespace

CarrierFormat carrier_format_of(const FrameLayout& layout) {
  CarrierFormat format{};
  format.fourcc = layout.fourcc;
  format.width = layout.width;
  format.height = layout.height;
  format.plane_count = layout.plane_count;
  std::copy(layout.planes.begin(), layout.planes.end(), format.planes);
  format.payload_size = layout.payload_size;
  format.matrix = static_cast<uint32_t>(layout.matrix);
  format.primaries = static_cast<uint32_t>(layout.primaries);
  format.range = static_cast<uint32_t>(layout.range);
  format.rate_numerator = layout.rate_numerator;
  format.rate_denominator = layout.rate_denominator;
  return format;
}

std::optional<FrameLayout> layout_of(const CarrierFormat& format) {
  const auto pixels = format_of_fourcc(format.fourcc);
  if (!pixels || std::min(format.width, format.height) < 1) return std::nullopt;
  if (std::max(format.width, format.height) > kMostPixels) return std::nullopt;
  if (!knows(format.matrix, format.primaries, format.range)) return std::nullopt;
  if (format.rate_denominator == 0 || format.rate_numerator / format.rate_denominator > kMostHertz)
    return std::nullopt;
  FrameLayout layout = packed_layout(*pixels, format.width, format.height);
  if (!holds(format, layout)) return std::nullopt;
  std::copy_n(format.planes, layout.plane_count, layout.planes.begin());
  layout.payload_size = format.payload_size;
  layout.matrix = static_cast<Matrix>(format.matrix);
  layout.primaries = static_cast<Primaries>(format.primaries);
  layout.range = static_cast<Range>(format.range);
  layout.rate_numerator = format.rate_numerator;
  layout.rate_denominator = format.rate_denominator;
  return layout;
}

}  // namespace camstream
