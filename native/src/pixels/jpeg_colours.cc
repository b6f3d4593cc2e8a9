#include "pixels/jpeg_colours.h"

#include <algorithm>
#include <cmath>

namespace camstream {
namespace {

constexpr int kFraction = 6;                     // bits behind the point of a level
constexpr int16_t kHalf = 1 << (kFraction - 1);  // rounds to the nearest level
constexpr int16_t kBrightest = 255 << kFraction;
constexpr int kNeutral = 128;

struct Weights {
  double red, blue;
};

constexpr Weights kBt601{0.299, 0.114};

Weights weights_of(Matrix matrix) {
  switch (matrix) {
    case Matrix::kBt709: return {0.2126, 0.0722};
    case Matrix::kBt2020: return {0.2627, 0.0593};
    case Matrix::kBt601:
    case Matrix::kUnspecified:
    case Matrix::kRgb: break;
  }
  return kBt601;
}

// `factor` levels of the result for one of the source, for mulhi() with a source of 2^8 times as much.
double fixed(double factor) { return std::round(factor * (1 << (16 - 8 + kFraction))); }

int16_t mulhi(int16_t value, int16_t factor) {
  return static_cast<int16_t>((int32_t{value} * factor) >> 16);
}
uint16_t mulhi(uint16_t value, uint16_t factor) {
  return static_cast<uint16_t>((uint32_t{value} * factor) >> 16);
}

uint8_t level_of(int16_t value) {
  const auto rounded = static_cast<int16_t>(value + kHalf);
  return static_cast<uint8_t>(std::clamp<int16_t>(rounded, 0, kBrightest) >> kFraction);
}

}  // namespace

JpegColours::JpegColours(Matrix matrix, Range range)
    : none_(range == Range::kFull && weights_of(matrix).red == kBt601.red),
      shifts_(weights_of(matrix).red != kBt601.red),
      factors_(factors_of(matrix, range)) {}

// By way of R, G and B: with luma 0, blue difference u and red difference v, each a half at most.
JpegColours::Factors JpegColours::factors_of(Matrix matrix, Range range) {
  const Weights from = weights_of(matrix);
  const bool full = range == Range::kFull;
  const double chroma_gain = full ? 1.0 : 255.0 / 224.0;
  const auto luma = [](double red, double green, double blue) {
    return kBt601.red * red + (1 - kBt601.red - kBt601.blue) * green + kBt601.blue * blue;
  };
  const auto columns = [&](double u, double v) {
    const double red = 2 * (1 - from.red) * v, blue = 2 * (1 - from.blue) * u;
    const double green = -(from.red * red + from.blue * blue) / (1 - from.red - from.blue);
    const double shift = luma(red, green, blue);
    return std::array{shift, (blue - shift) / (2 * (1 - kBt601.blue)),
                      (red - shift) / (2 * (1 - kBt601.red))};
  };
  const auto of_u = columns(chroma_gain, 0), of_v = columns(0, chroma_gain);
  const auto factor = [](double value) { return static_cast<int16_t>(fixed(value)); };
  return {.u_of_u = factor(of_u[1]),
          .u_of_v = factor(of_v[1]),
          .v_of_u = factor(of_u[2]),
          .v_of_v = factor(of_v[2]),
          .luma_of_u = factor(of_u[0]),
          .luma_of_v = factor(of_v[0]),
          .luma = static_cast<uint16_t>(fixed(full ? 1.0 : 255.0 / 219.0)),
          .black = static_cast<uint8_t>(full ? 0 : 16)};
}

void JpegColours::convert(const ConstView& from, const View& to) {
  const auto columns = static_cast<size_t>(half_up(from.width)) * 2;
  shift_.assign(columns, 0);
  for (int row = 0; row < half_up(from.height); ++row) {
    convert_chroma(from, to, row);
    convert_luma(from, to, 2 * row);
    if (2 * row + 1 < from.height) convert_luma(from, to, 2 * row + 1);
  }
}

// Leaves in shift_ what two rows of luma get of it.
void JpegColours::convert_chroma(const ConstView& from, const View& to, int row) {
  const auto row_of = [row](const auto& plane) { return plane.data + ptrdiff_t{row} * plane.stride; };
  const uint8_t *from_u = row_of(from.planes[1]), *from_v = row_of(from.planes[2]);
  uint8_t *to_u = row_of(to.planes[1]), *to_v = row_of(to.planes[2]);
  const Factors factors = factors_;
  const int width = half_up(from.width);
  int16_t* shift = shift_.data();
  for (int x = 0; x < width; ++x) {
    const auto u = static_cast<int16_t>((from_u[x] - kNeutral) * 256);
    const auto v = static_cast<int16_t>((from_v[x] - kNeutral) * 256);
    constexpr int16_t kZero = kNeutral << kFraction;
    const auto jpeg_u = static_cast<int16_t>(mulhi(u, factors.u_of_u) + mulhi(v, factors.u_of_v) + kZero);
    const auto jpeg_v = static_cast<int16_t>(mulhi(u, factors.v_of_u) + mulhi(v, factors.v_of_v) + kZero);
    shift[x] = static_cast<int16_t>(mulhi(u, factors.luma_of_u) + mulhi(v, factors.luma_of_v));
    to_u[x] = level_of(jpeg_u);
    to_v[x] = level_of(jpeg_v);
  }
  if (!shifts_) return;
  for (int x = width; x-- > 0;) shift[2 * x] = shift[2 * x + 1] = shift[x];
}

void JpegColours::convert_luma(const ConstView& from, const View& to, int row) const {
  const uint8_t* source = from.planes[0].data + ptrdiff_t{row} * from.planes[0].stride;
  uint8_t* target = to.planes[0].data + ptrdiff_t{row} * to.planes[0].stride;
  const uint16_t factor = factors_.luma;
  const uint8_t black = factors_.black;
  const int width = from.width;
  if (!shifts_) {
    for (int x = 0; x < width; ++x) {
      const auto above = static_cast<uint16_t>(std::max(source[x], black) - black);
      target[x] = level_of(static_cast<int16_t>(mulhi(static_cast<uint16_t>(above << 8), factor)));
    }
    return;
  }
  const int16_t* shift = shift_.data();
  for (int x = 0; x < width; ++x) {
    const auto above = static_cast<uint16_t>(std::max(source[x], black) - black);
    const auto level = static_cast<int16_t>(mulhi(static_cast<uint16_t>(above << 8), factor));
    target[x] = level_of(static_cast<int16_t>(level + shift[x]));
  }
}

}  // namespace camstream
