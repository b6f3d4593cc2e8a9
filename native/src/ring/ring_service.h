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

  // Any thread. Cheap: one write to an eventfd.
  void frame_published() { nudge(); }
  void state_changed();

  bool path_lost() const { return path_lost_.load_relaxed() != 0; }

 private:
  void run();
  void nudge();
  void beat(uint64_t now_ns);

  RingCore& core_;
  std::unique_ptr<Membership> membership_;
  PathWatch watch_;
  UniqueFd event_;
  Atomic<uint32_t> stop_;
  Atomic<uint32_t> state_changed_;
  Atomic<uint32_t> path_lost_;
  std::thread thread_;
};

}  // namespace camstream
