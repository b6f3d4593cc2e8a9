#include "capture/rate_watch.h"

#include <algorithm>

namespace camstream {
namespace {

constexpr uint64_t kWindowNs = 3'000'000'000;
constexpr double kSlow = 0.85;            // of the agreed rate
constexpr uint32_t kSlowWindows = 2;      // in a row: a moment's load is not worth a word
constexpr uint64_t kMostIntervalNs = 60'000'000'000;

}  // namespace

std::optional<double> RateWatch::frame(uint64_t now_ns, uint32_t lost_before) {
  if (last_ns_ != 0) {
    // Falls slowly: three frames of a camera that slows down in the dark come before it is called hung.
    const uint64_t interval = std::min(now_ns - last_ns_, kMostIntervalNs);
    longest_ns_ = std::max(interval, longest_ns_ - longest_ns_ / 16);
  }
  last_ns_ = now_ns;
  if (window_start_ns_ == 0) {
    window_start_ns_ = now_ns;
    return std::nullopt;
  }
  window_frames_ += 1 + lost_before;
  const uint64_t elapsed_ns = now_ns - window_start_ns_;
  if (elapsed_ns < kWindowNs) return std::nullopt;
  const double hertz = static_cast<double>(window_frames_) * 1e9 / static_cast<double>(elapsed_ns);
  window_start_ns_ = now_ns;
  window_frames_ = 0;
  slow_windows_ = agreed_ > 0 && hertz < kSlow * agreed_ ? slow_windows_ + 1 : 0;
  if (slow_windows_ < kSlowWindows || told_) return std::nullopt;
  told_ = true;
  return hertz;
}

}  // namespace camstream
