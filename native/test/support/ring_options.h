// A small ring for tests.
#pragma once

#include <unistd.h>

#include <algorithm>

#include "base/clock.h"
#include "ring/ring_host.h"

namespace camstream {

inline RingHostOptions small_ring(const std::string& root, const std::string& name = "camera") {
  RingHostOptions options;
  options.root = root;
  options.name = name;
  options.layout = packed_layout(PixelFormat::kGray8, 64, 64);
  options.layout.rate_numerator = 30;
  options.readers = 4;
  options.local_leases = 1;
  options.lease_timeout_ms = 1000;
  return options;
}

// One frame all of whose bytes are the low byte of its sequence number.
inline uint64_t publish_frame(RingHost& ring) {
  const auto slot = ring.begin();
  if (!slot) return 0;
  const uint32_t size = static_cast<uint32_t>(ring.options().layout.payload_size);
  const uint8_t value = static_cast<uint8_t>(ring.status().published + 1);
  std::fill_n(ring.payload(*slot), size, value);
  FrameMeta meta;
  meta.bytes_used = size;
  return ring.publish(*slot, meta);
}

// Waits for something that will happen; the time is only for when it never does.
template <typename Condition>
bool eventually(Condition&& condition, uint32_t timeout_ms = 10'000) {
  const uint64_t end_ns = monotonic_ns() + uint64_t{timeout_ms} * 1'000'000;
  while (!condition()) {
    if (monotonic_ns() > end_ns) return false;
    usleep(1000);
  }
  return true;
}

}  // namespace camstream
