// What one dequeued V4L2 buffer says of its frame: time, sequence, damage.
#pragma once

#include <linux/videodev2.h>

#include "ring/slot_lock.h"

namespace camstream {

struct DriverFrame {
  FrameMeta meta;        // captured_ns, flags, dropped_before, source_sequence, bytes_used
  bool whole = true;     // false: too few bytes for a picture, so not to be shown
  bool flagged = false;  // V4L2_BUF_FLAG_ERROR
  uint64_t dropped = 0;  // frames that the driver lost just before this one
};

// One for each stream: remembers the last sequence number and what is still to be told.
class DriverFrames {
 public:
  // The driver's time is taken if it is CLOCK_MONOTONIC, not in the future and at most a second old;
  // otherwise `dequeued_ns`, flagged. `bytes`: how far its picture reaches in the slot; 0: it is not whole,
  // and counts as dropped before the next one.
  DriverFrame describe(const v4l2_buffer& buffer, uint32_t bytes, uint64_t dequeued_ns);

 private:
  bool first_ = true;
  uint32_t last_sequence_ = 0;
  uint64_t untold_ = 0;
};

}  // namespace camstream
