// What went into an encoder and has not come out again: one goes in, one comes out, in order, and the
// container's time says which.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>

namespace camstream {

struct FedFrame {
  uint64_t sequence = 0;
  uint64_t captured_ns = 0;
  uint64_t fed_ns = 0;   // when its writing began
  uint32_t time_ms = 0;  // as FLV says it: 31 bits
};

class FedFrames {
 public:
  // An encoder that keeps more than these is behind: it gets no more until one comes out.
  static constexpr size_t kMost = 32;

  void add(const FedFrame& frame) {
    const std::lock_guard lock(mutex_);
    frames_.push_back(frame);
  }

  // The frame that came out with this time, a rounding apart at most. Those before it never came out.
  std::optional<FedFrame> take(uint32_t time_ms) {
    const std::lock_guard lock(mutex_);
    while (!frames_.empty() && after(time_ms, frames_.front().time_ms) > 1) {
      frames_.pop_front();
      ++lost_;
    }
    if (frames_.empty() || after(time_ms, frames_.front().time_ms) < -1) return std::nullopt;
    const FedFrame frame = frames_.front();
    frames_.pop_front();
    return frame;
  }

  struct Pending {
    size_t count = 0;
    uint64_t oldest_ns = 0;  // when it was fed; 0: none
    uint64_t lost = 0;       // never came out, so far
  };
  Pending pending() const {
    const std::lock_guard lock(mutex_);
    return {frames_.size(), frames_.empty() ? 0 : frames_.front().fed_ns, lost_};
  }
  bool full() const { return pending().count >= kMost; }

 private:
  // How much later `time` is than `other`; both wrap at 31 bits.
  static int32_t after(uint32_t time, uint32_t other) {
    return static_cast<int32_t>((time - other) << 1) / 2;
  }

  mutable std::mutex mutex_;
  std::deque<FedFrame> frames_;
  uint64_t lost_ = 0;
};

}  // namespace camstream
