// How fast frames really come, and when that is worth a word.
#pragma once

#include <cstdint>
#include <optional>

namespace camstream {

class RateWatch {
 public:
  // `hertz`: agreed with the camera; 0: it does not say, and nothing is ever missed.
  explicit RateWatch(double hertz = 0) : agreed_(hertz) {}

  // For each frame: when it came, and how many the driver lost before it (they were taken all the same). The
  // rate in frames a second if it is clearly under the agreed one, once.
  std::optional<double> frame(uint64_t now_ns, uint32_t lost_before);

  // The longest of late between two frames: what a hung camera is measured by. 0: unknown.
  uint64_t interval_ns() const { return longest_ns_; }

 private:
  double agreed_;
  uint64_t last_ns_ = 0;
  uint64_t longest_ns_ = 0;
  uint64_t window_start_ns_ = 0;
  uint64_t window_frames_ = 0;
  uint32_t slow_windows_ = 0;
  bool told_ = false;
};

}  // namespace camstream
