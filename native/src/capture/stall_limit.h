// After how long without a frame a camera hangs.
#pragma once

#include <algorithm>
#include <cstdint>

namespace camstream {

constexpr uint64_t kStallNs = 2'000'000'000;
// A camera may take its time for the first one.
constexpr uint64_t kFirstFrameNs = 10'000'000'000;
// A camera of one frame in two seconds does not hang.
constexpr uint64_t kStallIntervals = 3;

// `stall_ms`: as configured, 0 for what is usual. `interval_ns`: the longest between two frames of late; 0
// before there were two. `proven`: frames have come since it was opened.
inline uint64_t stall_limit_ns(uint32_t stall_ms, bool proven, uint64_t interval_ns) {
  const uint64_t wanted = stall_ms ? uint64_t{stall_ms} * 1'000'000 : kStallNs;
  return std::max(wanted, proven ? kStallIntervals * interval_ns : kFirstFrameNs);
}

}  // namespace camstream
