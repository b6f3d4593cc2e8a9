// The one native thread of an open ring: gets the reader its membership, then sleeps until there is a frame
// or the ring's state changes, and tells the event loop. While nobody asks for a frame it only looks at the
// state, ten times a second.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "ring/frame_store.h"
#include "ring/ring_file.h"
#include "ring/standing_join.h"

namespace camstream {

// What a reader has to know of its ring besides frames.
enum class StatusBit : uint32_t {
  kClosed = 1u << 0,           // the producer took it out of service
  kProducerGone = 1u << 1,     // the socket hung up
  kReplaced = 1u << 2,         // the path leads to another ring, or to none
  kStalled = 1u << 3,          // the producer says so
  kHeartbeatStopped = 1u << 4,  // none for a second
  kRefused = 1u << 5           // we are no member, though we asked; asked again once a second
};
uint32_t status_bits(const RingFile& file);

class WaitThread {
 public:
  // `notify` is called on the thread: once for each arm(), and, with true, at every change of status.
  // Throws std::system_error if there can be no thread.
  WaitThread(RingFile& file, FrameStore& store, bool join, std::function<void(bool status)> notify);
  ~WaitThread();  // wakes and joins it
  WaitThread(const WaitThread&) = delete;
  WaitThread& operator=(const WaitThread&) = delete;

  // False: the first answer to joining is awaited; frames taken now would have no lease.
  bool settled() const { return join_.settled(); }
  void wait_settled(uint32_t timeout_ms);

  // The status, which no notify() will tell from now on.
  uint32_t look();

  // Asks for one notify() as soon as there is a frame newer than `after`, or at `early_ns` (monotonic; 0:
  // only then), so that somebody is awake who expects it.
  void arm(uint64_t after, uint64_t early_ns = 0);
  // Takes arm() back, so that another thread may sleep on the ring: a wake-up reaches one sleeper.
  // Returns what was armed, but for its early_ns.
  std::optional<uint64_t> disarm();

 private:
  void run();
  bool sleep(std::unique_lock<std::mutex>& lock);
  bool look_after();

  RingFile& file_;
  FrameStore& store_;
  std::function<void(bool status)> notify_;
  std::mutex mutex_;
  std::condition_variable changed_;
  struct Armed {
    uint64_t after;
    uint64_t early_ns;
    bool operator==(const Armed&) const = default;
  };
  std::optional<Armed> armed_;     // guarded by mutex_
  bool stopping_ = false;          // guarded by mutex_
  bool stopped_ = false;           // guarded by mutex_
  StandingJoin join_;  // the thread's, but for settled()
  std::atomic<uint32_t> told_status_;
  uint64_t looked_ns_ = 0;
  std::thread thread_;  // last: starts when all else is there
};

}  // namespace camstream
