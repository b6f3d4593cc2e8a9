// A ring as a reader has it: opened and mapped read-only, and joined if that was wanted.
//
// A ring does not outlive its producer: when state() is kClosed, peer_gone() or path_replaced() is
// true, open again; a new producer makes a new ring.
//
// Threads: wait() from one thread at a time (a wake-up reaches one sleeper); the rest from any.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "ring/join_ring.h"
#include "ring/ring_reader.h"

namespace camstream {

struct RingFileOptions {
  bool join = true;         // ask for leases and a wake-up of one's own
  bool map_payload = true;  // false: memory().data is null, and the caller maps what it needs from fd()
};

class RingFile {
 public:
  // Errors: RING_NAME, RING_NOT_FOUND, RING_PERMISSION, RING_ROOT_UNTRUSTED, RING_VERSION, RING_CORRUPT,
  // RING_SYSTEM. Not to be let in as a member is no error: see refusal().
  static Result<std::unique_ptr<RingFile>> open(const std::string& root, const std::string& name,
                                                const RingFileOptions& options = {});

  const RingGeometry& geometry() const { return geometry_; }
  const RingMemory& memory() const { return memory_; }
  int fd() const { return fd_.get(); }
  const std::string& path() const { return path_; }

  bool registered() const;
  uint32_t quota() const;
  // Why this reader is no member; "" if it is one, or did not ask, or has no answer yet.
  std::string refusal() const;
  // The answer to an attempt made after open(), by a reader that is no member yet (StandingJoin).
  void adopt(Joined joined);
  int folder() const { return folder_.get(); }
  // One at a time: it keeps account of the leases in the page.
  RingReader make_reader();

  // Sleeps until a frame newer than `after` is there (true), or until the timeout, interrupt(), the
  // producer's end or its closing the ring (false).
  bool wait(uint64_t after, std::chrono::nanoseconds timeout);
  // The same without sleeping, for at most so long: it costs a core, and saves the time of being woken.
  bool watch(uint64_t after, std::chrono::nanoseconds timeout) const;
  // Ends the wait() that is under way, or else the next one. Reaches a member at once, others within 100 ms.
  void interrupt();

  RingState state() const;
  uint64_t heartbeat_age_ns() const;
  bool peer_gone() const;      // the producer hung up, or was not there when we wanted to join
  bool path_replaced() const;  // the path leads to another ring, or to none

 private:
  RingFile() = default;
  Status map(const RingFileOptions& options);
  LeasePage* page() const;

  std::string path_;
  UniqueFd folder_;
  UniqueFd fd_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  RingGeometry geometry_{};
  Mapping mapping_;
  RingMemory memory_;
  mutable std::mutex joined_mutex_;
  Joined joined_;  // guarded by joined_mutex_; stays as it is once we are a member
  Atomic<uint32_t> interrupted_;
};

}  // namespace camstream
