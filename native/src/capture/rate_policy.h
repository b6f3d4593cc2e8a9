// Which frames of a source a ring of a lower rate gets: evenly spaced by capture time, never in bursts.
#pragma once

#include <cstdint>

#include "capture/frame_rate.h"

namespace camstream {

class RatePolicy {
 public:
  // `wanted` 0, or not below the source's rate: every frame. `source` 0: unknown.
  RatePolicy(FrameRate wanted, FrameRate source);

  // To be asked once for each frame, in order.
  bool wants(uint64_t captured_ns);

 private:
  uint64_t period_ns_;    // 0: every frame
  int64_t tolerance_ns_;  // how much earlier than due a frame may come
  uint64_t due_ns_ = 0;
  uint64_t last_ns_ = 0;
  bool started_ = false;
};

}  // namespace camstream
