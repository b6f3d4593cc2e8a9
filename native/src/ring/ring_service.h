// The thread that every ring has beside its writer: joins and leavings, the heartbeat, the wake-up of
// readers that have not registered (as many as like may sleep there, so the writer does not do it), and
// the watch over the path.
#pragma once

#include <memory>
#include <thread>

#include "base/result.h"
#include "ring/membership.h"
#include "shm/path_watch.h"

namespace camstream {

class RingService {
 public:
  RingService(RingCore& core, std::unique_ptr<Membership> membership, PathWatch watch);
  ~RingService();  // stops the thread; the members' sockets close

  // Error: RING_SYSTEM.
  Status start();

  // The writer's thread, after each frame. A load, and only while readers sleep on the shared word a write
  // to an eventfd: to wake this thread for nobody would cost the members their core.
  void frame_published() {
    if (sleepers_.load_relaxed() != 0) nudge();
  }
  void state_changed();

  bool path_lost() const { return path_lost_.load_relaxed() != 0; }

 private:
  void run();
  void nudge();
  void beat(uint64_t now_ns);
  void wake_sleepers(uint64_t now_ns);

  RingCore& core_;
  std::unique_ptr<Membership> membership_;
  PathWatch watch_;
  UniqueFd event_;
  Atomic<uint32_t> stop_;
  Atomic<uint32_t> state_changed_;
  Atomic<uint32_t> path_lost_;
  Atomic<uint32_t> sleepers_;        // 1: somebody slept on the shared word within the last second
  uint64_t sleepers_seen_ns_ = 0;
  uint32_t woken_for_ = 0;           // the shared word at the last wake-up
  std::thread thread_;
};

}  // namespace camstream
