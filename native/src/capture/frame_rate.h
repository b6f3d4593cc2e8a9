// Frames a second as a fraction, so that 29.97 is 30000/1001 and nothing drifts.
#pragma once

#include <cmath>
#include <cstdint>
#include <numeric>

namespace camstream {

struct FrameRate {
  uint32_t numerator = 0;  // 0: unknown
  uint32_t denominator = 1;

  double hertz() const { return static_cast<double>(numerator) / denominator; }

  // When frame `index` is due, counted from frame 0.
  uint64_t offset_ns(uint64_t index) const {
    const auto ticks = static_cast<unsigned __int128>(index) * denominator * 1'000'000'000u;
    return static_cast<uint64_t>(ticks / numerator);
  }
  uint64_t period_ns() const { return offset_ns(1); }
};

constexpr uint32_t kMaxHertz = 1'000'000;

// The fraction meant by a number as people write it: 30, 29.97, 59.94, 23.976, 7.5, 0.2. Thousandths
// are kept; what television divides by 1001 is found again.
inline FrameRate frame_rate_of(double hertz) {
  if (!(hertz > 0)) return {};
  if (hertz > kMaxHertz) return {kMaxHertz, 1};  // too much for anybody, and still a number to complain about
  const double whole = std::round(hertz);
  if (std::abs(hertz - whole) < 0.0005) return {static_cast<uint32_t>(whole), 1};
  const double times_1001 = std::round(hertz * 1.001);
  if (std::abs(hertz - times_1001 / 1.001) < 0.006 && times_1001 >= 1) {
    return {static_cast<uint32_t>(times_1001) * 1000, 1001};
  }
  const auto thousandths = static_cast<uint32_t>(std::llround(hertz * 1000));
  const uint32_t divisor = std::gcd(thousandths, 1000u);
  return {thousandths / divisor, 1000 / divisor};
}

}  // namespace camstream
