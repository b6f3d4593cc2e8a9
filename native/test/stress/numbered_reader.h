// A reader of numbered frames that looks at every byte and survives its producers.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace camstream {

struct ReaderReport {
  std::atomic<uint64_t> producer;   // process whose frames it gets
  std::atomic<uint64_t> served_ns;  // when it got the first of them
  std::atomic<uint64_t> frames;
  std::atomic<uint64_t> torn;     // bytes of another frame in a frame said to be whole: must stay 0
  std::atomic<uint64_t> lapped;   // frames without a lease that were overwritten, and it noticed
  std::atomic<uint64_t> revoked;  // leases taken away, and it noticed
  std::atomic<uint64_t> holding;  // a frame with a lease, at this moment
  std::atomic<uint64_t> opened;
  std::atomic<uint64_t> descriptors;  // as of the last ring's first frame
  std::atomic<uint64_t> mappings;
};

struct ReaderHabits {
  bool join = true;
  bool every = false;
  uint32_t hold_us = 0;   // a random time up to this, between two looks at the bytes
  uint64_t until_ns = 0;  // CLOCK_MONOTONIC; 0: until killed
  uint32_t seed = 1;
};

void run_numbered_reader(const std::string& root, const ReaderHabits& habits, ReaderReport& report);

}  // namespace camstream
