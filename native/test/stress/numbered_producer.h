// A producer of numbered frames, to be killed.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>

#include "ring/ring_host.h"

namespace camstream {

// What it tells the test, in memory that both have. Of the producer that runs now.
struct ProducerReport {
  std::atomic<uint64_t> pid;  // set with its first frame
  std::atomic<uint64_t> first_frame_ns;
  std::atomic<uint64_t> published;
  std::atomic<uint64_t> members;
  std::atomic<uint64_t> leased;
  std::atomic<uint64_t> revoked;
  std::atomic<uint64_t> descriptors;
  std::atomic<uint64_t> mappings;
  std::atomic<uint64_t> rebuilt;  // rings made anew because the path was lost
  std::atomic<uint64_t> starved;  // begin() found no slot: must stay 0
};

// The ring of the crash tests: small frames, many of them.
RingHostOptions numbered_ring(const std::string& root);

// Publishes until it is killed, `rate` frames a second (0: as fast as it can). Crash points: those of the
// ring, and `half_written` between the halves of a frame. Returns only on an error, which it prints.
void run_numbered_producer(const RingHostOptions& options, uint32_t rate, ProducerReport& report);

}  // namespace camstream
