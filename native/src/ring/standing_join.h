// Makes a reader of a ring that is open already a member, without blocking it: knocks, waits for the answer,
// and after a refusal knocks again once a second until it is let in.
//
// Whoever wants frames waits until settled(): for the first answer, but not for long. From then on frames
// come, without leases until there is a membership.
//
// Threads: settled() from any; the rest from one at a time.
#pragma once

#include <optional>

#include "ring/frame_store.h"
#include "ring/join_ring.h"
#include "ring/ring_file.h"

namespace camstream {

class StandingJoin {
 public:
  // Knocks at once if it is `wanted`. `store` is told of the membership.
  StandingJoin(RingFile& file, FrameStore& store, bool wanted);

  bool settled() const { return settled_.load_relaxed() != 0; }
  // Looks for an answer, and knocks if it is time. Costs system calls, which do not wait.
  void step();
  // The same after the answer has come, or the timeout.
  void wait(uint32_t timeout_ms);

 private:
  RingFile& file_;
  FrameStore& store_;
  bool wanted_;
  std::optional<JoinAttempt> attempt_;  // goes on until it is answered: a stopped producer finds it there
  uint64_t next_ns_ = 0;
  uint64_t overdue_ns_;
  Atomic<uint32_t> settled_;
};

}  // namespace camstream
