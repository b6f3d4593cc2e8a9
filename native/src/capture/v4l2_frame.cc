#include "capture/v4l2_frame.h"

#include <algorithm>
#include <utility>

namespace camstream {
namespace {

constexpr uint64_t kOldestNs = 1'000'000'000;
// A jump by more is a driver that counts something else, not a loss.
constexpr uint32_t kLargestGap = 100'000;

// Zero: not to be used.
uint64_t driver_time(const v4l2_buffer& buffer, uint64_t dequeued_ns) {
  if ((buffer.flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) != V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC) return 0;
  if (buffer.timestamp.tv_sec < 0 || buffer.timestamp.tv_usec < 0) return 0;
  const uint64_t time = static_cast<uint64_t>(buffer.timestamp.tv_sec) * 1'000'000'000u +
                        static_cast<uint64_t>(buffer.timestamp.tv_usec) * 1'000u;
  return time > dequeued_ns || dequeued_ns - time > kOldestNs ? 0 : time;
}

}  // namespace

DriverFrame DriverFrames::describe(const v4l2_buffer& buffer, uint32_t bytes, uint64_t dequeued_ns) {
  DriverFrame frame;
  frame.meta.captured_ns = driver_time(buffer, dequeued_ns);
  if (frame.meta.captured_ns == 0) {
    frame.meta.captured_ns = dequeued_ns;
    frame.meta.flags |= kFrameEstimatedTime;
  }
  frame.meta.source_sequence = buffer.sequence;
  const uint32_t step = buffer.sequence - last_sequence_;  // wraps as the driver's count does
  if (!first_ && step > 1 && step <= kLargestGap) frame.dropped = step - 1;
  first_ = false;
  last_sequence_ = buffer.sequence;
  untold_ += frame.dropped;

  frame.flagged = (buffer.flags & V4L2_BUF_FLAG_ERROR) != 0;
  frame.whole = bytes > 0;
  if (!frame.whole) {
    ++frame.dropped;
    ++untold_;
    return frame;
  }
  if (frame.flagged) frame.meta.flags |= kFrameCorrupt;
  frame.meta.bytes_used = bytes;
  frame.meta.dropped_before =
      static_cast<uint32_t>(std::min<uint64_t>(std::exchange(untold_, 0), UINT32_MAX));
  return frame;
}

}  // namespace camstream
