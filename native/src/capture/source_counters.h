// What a source counts while it runs: written by the capture thread, read by whoever asks for the status.
#pragma once

#include <atomic>
#include <cstdint>

namespace camstream {

enum class SourceIo : uint32_t { kNone, kMmap, kUserptr };

// Relaxed everywhere: each is a number for people and orders nothing.
struct SourceCounters {
  std::atomic<uint64_t> dropped{0};           // frames that the driver, the file or the pacing lost
  std::atomic<uint64_t> corrupt{0};           // buffers that the driver flagged, published or not
  std::atomic<uint64_t> estimated_time{0};    // frames whose driver time could not be used
  std::atomic<uint64_t> pointers_queued{0};   // USERPTR: slots handed to the driver
  std::atomic<uint64_t> pointers_matched{0};  // USERPTR: buffers that came back under their slot's address
  std::atomic<SourceIo> io{SourceIo::kNone};
};

inline void count(std::atomic<uint64_t>& counter, uint64_t amount = 1) {
  counter.fetch_add(amount, std::memory_order_relaxed);
}

}  // namespace camstream
