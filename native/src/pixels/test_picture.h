// The test camera's picture: block code, row stripes, number and clock for people, a moving box and
// colour bars on grey. docs/pixels.md shows where each is.
//
// A picture is cheap because only what differs from the picture that stands in the buffer is painted.
#pragma once

#include <optional>
#include <vector>

#include "pixels/image.h"

namespace camstream {

// What one picture shows.
struct TestMoment {
  uint64_t sequence = 0;
  uint64_t captured_ns = 0;  // CLOCK_MONOTONIC, into the block code
  uint64_t clock_ns = 0;     // CLOCK_REALTIME of the same moment, as HH:MM:SS.mmm UTC
};

class TestPicture {
 public:
  // Any size from 1 x 1. Block code and digits need 160 x 120 to be readable, stripes a width of 240.
  explicit TestPicture(const FrameLayout& layout);

  // Makes `data` (payload_size bytes of this layout) the picture of `next`. `before` is the picture that
  // is known to stand there; nullopt: anything may.
  void paint(uint8_t* data, const std::optional<TestMoment>& before, const TestMoment& next) const;

 private:
  FrameLayout layout_;
  std::vector<uint8_t> background_;  // with the picture of sequence 0, time 0
};

// How a test picture of this format and size lies in memory and what its colours mean.
FrameLayout test_picture_layout(PixelFormat format, uint32_t width, uint32_t height);

}  // namespace camstream
