// The ring that a capture (or conversion) thread fills at the moment, as other threads may have it.
//
// Its owner replaces it when the picture's layout changes or the ring's folder was taken away. A ring
// of the same name can be opened only after the old one is gone, so nobody else ever owns a host:
// others use it inside with(), briefly, or attach() a reader, which outlives the host harmlessly.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "ring/ring_host.h"

namespace camstream {

class SharedRing {
 public:
  // Owner's thread. The host stays there until replace() or clear(), so the owner may go on using the
  // reference without the lock.
  RingHost& replace(std::unique_ptr<RingHost> host) {
    clear();
    std::lock_guard lock(mutex_);
    host_ = std::move(host);
    ++generation_;
    changed_.notify_all();
    return *host_;
  }

  // Owner's thread. Closes the host; attached readers see closed(). Does nothing without one.
  void clear() {
    std::unique_ptr<RingHost> gone;  // closed outside the lock: it joins a thread
    std::lock_guard lock(mutex_);
    gone = std::move(host_);
  }

  // Owner's thread, at its end: nobody waits for another ring.
  void finish() {
    clear();
    std::lock_guard lock(mutex_);
    finished_ = true;
    changed_.notify_all();
  }

  // Any thread. Calls use(RingHost*) with the host or null, under the lock: not for long.
  template <typename Use>
  auto with(Use&& use) const {
    std::lock_guard lock(mutex_);
    return use(host_.get());
  }

  struct Attachment {
    uint64_t generation = 0;
    FrameLayout layout;
    std::unique_ptr<RingHost::LocalReader> reader;  // null: there was none within the time
  };

  // Any thread. A reader on the host if it is newer than `after` (0: any); waits for one otherwise.
  Attachment attach(uint64_t after, std::chrono::milliseconds timeout) const {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, timeout, [&] { return finished_ || (host_ && generation_ > after); });
    if (!host_ || generation_ <= after) return {};
    return {generation_, host_->options().layout, host_->add_local_reader()};
  }

  bool finished() const {
    std::lock_guard lock(mutex_);
    return finished_;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::unique_ptr<RingHost> host_;
  uint64_t generation_ = 0;
  bool finished_ = false;
};

}  // namespace camstream
