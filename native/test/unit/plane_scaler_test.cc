// Rows and columns of one plane: the documented filter to two levels, whichever way it is calculated, and
// not a byte read or written outside.
#include "pixels/plane_scaler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <random>
#include <vector>

#include "support/guarded_buffer.h"

namespace camstream {
namespace {

using Guard = GuardedBuffer::Guard;

// One side as the documentation has it, in floating point: the mean of an area, or two neighbours.
double scaled_at(const std::vector<double>& from, int to, int at) {
  const int size = static_cast<int>(from.size());
  const double step = static_cast<double>((int64_t{size} << 16) / to) / 65536;
  if (size == to) return from[static_cast<size_t>(at)];
  if (size > 2 * to) {
    const double begin = static_cast<double>(size) * at / to, end = begin + static_cast<double>(size) / to;
    double sum = 0;
    for (int n = static_cast<int>(begin); n < std::min<double>(end, size); ++n) {
      sum += from[static_cast<size_t>(n)] * (std::min(n + 1.0, end) - std::max<double>(n, begin));
    }
    return sum / (end - begin);
  }
  const double place = (at + 0.5) * step - 0.5;
  const auto first = static_cast<size_t>(place);
  const double fraction = place - std::floor(place);
  return from[first] * (1 - fraction) + (fraction > 0 ? from[first + 1] * fraction : 0);
}

std::vector<double> scaled_side(const std::vector<double>& from, int to) {
  std::vector<double> result;
  for (int at = 0; at < to; ++at) result.push_back(scaled_at(from, to, at));
  return result;
}

std::vector<uint8_t> noise(int size, std::mt19937& random) {
  std::vector<uint8_t> bytes(static_cast<size_t>(size));
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random() % 3 == 0 ? random() % 2 * 255 : random());
  return bytes;
}

// A plane of noise at the edge of its memory, scaled into another such.
std::vector<uint8_t> scaled(const std::vector<uint8_t>& noise, PlaneSize from, int stride, PlaneSize to,
                            Guard guard) {
  const size_t last_row = static_cast<size_t>((from.height - 1) * stride);
  GuardedBuffer source(last_row + static_cast<size_t>(from.width), guard);
  std::copy_n(noise.begin(), source.size(), source.data());
  GuardedBuffer result(static_cast<size_t>(to.width * to.height), guard);
  PlaneScaler(from, to).run({source.data(), stride}, {result.data(), to.width});
  return {result.data(), result.data() + result.size()};
}

TEST(PlaneScaler, MakesRowsNarrowerByTheDocumentedFilterAtEveryRatio) {
  std::mt19937 random(5);
  for (int round = 0; round < 3000; ++round) {
    const int width = 1 + static_cast<int>(random() % (round % 3 == 0 ? 700 : 90));
    const PlaneSize from{width, 1 + static_cast<int>(random() % 5)};
    const PlaneSize to{1 + static_cast<int>(random() % static_cast<unsigned>(width)), from.height};
    const int stride = width + static_cast<int>(random() % 7);
    const auto bytes = noise(stride * from.height, random);
    const auto found = scaled(bytes, from, stride, to, round % 2 == 0 ? Guard::kBehind : Guard::kBefore);
    for (int row = 0; row < from.height; ++row) {
      const auto begin = bytes.begin() + static_cast<ptrdiff_t>(row) * stride;
      const auto wanted = scaled_side({begin, begin + width}, to.width);
      for (int at = 0; at < to.width; ++at) {
        ASSERT_NEAR(found[static_cast<size_t>(row * to.width + at)], wanted[static_cast<size_t>(at)], 2.01)
            << width << " to " << to.width << ", row " << row << ", pixel " << at;
      }
    }
  }
}

TEST(PlaneScaler, MakesPlanesLowerByTheDocumentedFilterAtEveryRatio) {
  std::mt19937 random(6);
  for (int round = 0; round < 1000; ++round) {
    const int height = 1 + static_cast<int>(random() % (round % 3 == 0 ? 700 : 90));
    const PlaneSize from{1 + static_cast<int>(random() % 130), height};
    const PlaneSize to{from.width, 1 + static_cast<int>(random() % static_cast<unsigned>(height))};
    const auto bytes = noise(from.width * from.height, random);
    const auto found = scaled(bytes, from, from.width, to, round % 2 == 0 ? Guard::kBehind : Guard::kBefore);
    for (const int column : {0, from.width / 2, from.width - 1}) {
      std::vector<double> side;
      for (int row = 0; row < height; ++row) {
        side.push_back(bytes[static_cast<size_t>(row * from.width + column)]);
      }
      const auto wanted = scaled_side(side, to.height);
      for (int at = 0; at < to.height; ++at) {
        ASSERT_NEAR(found[static_cast<size_t>(at * to.width + column)], wanted[static_cast<size_t>(at)], 2.01)
            << height << " to " << to.height << ", column " << column << ", row " << at;
      }
    }
  }
}

TEST(PlaneScaler, ScalesBothSidesOfALargePlaneByTheDocumentedFilter) {
  std::mt19937 random(7);
  const PlaneSize from{1920, 1080};
  const auto bytes = noise(from.width * from.height, random);
  for (const PlaneSize to :
       {PlaneSize{1280, 720}, {640, 360}, {640, 480}, {854, 480}, {427, 241}, {320, 1000}}) {
    const auto found = scaled(bytes, from, from.width, to, Guard::kBehind);
    for (const int row : {0, 1, 17, to.height / 2, to.height - 1}) {
      std::vector<double> lowered;
      for (int column = 0; column < from.width; ++column) {
        std::vector<double> side;
        for (int y = 0; y < from.height; ++y) {
          side.push_back(bytes[static_cast<size_t>(y * from.width + column)]);
        }
        lowered.push_back(scaled_at(side, to.height, row));
      }
      const auto wanted = scaled_side(lowered, to.width);
      for (int at = 0; at < to.width; ++at) {
        ASSERT_NEAR(found[static_cast<size_t>(row * to.width + at)], wanted[static_cast<size_t>(at)], 2.01)
            << to.width << "x" << to.height << " at " << at << "," << row;
      }
    }
  }
}

TEST(PlaneScaler, LeavesAFlatPlaneFlat) {
  for (const int level : {0, 1, 16, 127, 128, 235, 254, 255}) {
    const std::vector<uint8_t> bytes(200 * 150, static_cast<uint8_t>(level));
    for (int width = 1; width <= 210; ++width) {
      const PlaneSize to{width, 1 + width % 160};
      for (const uint8_t found : scaled(bytes, {200, 150}, 200, to, Guard::kBehind)) {
        ASSERT_EQ(found, level) << to.width << "x" << to.height;
      }
    }
  }
}

}  // namespace
}  // namespace camstream
