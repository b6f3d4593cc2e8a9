// The native thread behind a capture or a conversion: how it starts, sleeps, is stopped, and says at last
// that it has ended.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include "base/result.h"
#include "base/thread_priority.h"

namespace camstream {

class LoopThread {
 public:
  LoopThread() = default;
  ~LoopThread();  // stops and joins
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;

  // Owner, once. Error: RING_SYSTEM when the machine gives no more threads; nothing was run then, and what
  // stop() was given is not called.
  Status start(const char* name, std::function<void()> body,
               ThreadPriority priority = ThreadPriority::kOrdinary);

  // Any thread. `ended` is called on the thread after its body, as the last thing it does. Only the first
  // call counts. A body that has come to its end by itself is followed by it as well.
  void stop(std::function<void()> ended);
  bool stopping() const { return stopping_.load(); }

  // Any thread: whoever wait()s looks at its condition again.
  void wake();

  // On the thread: sleeps until `condition` holds, the time is over or stop() is called.
  template <typename Condition>
  void wait(uint32_t milliseconds, Condition&& condition) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, std::chrono::milliseconds(milliseconds),
                   [&] { return stopping() || condition(); });
  }
  void wait(uint32_t milliseconds) {
    wait(milliseconds, [] { return false; });
  }

 private:
  void run(const char* name, ThreadPriority priority, const std::function<void()>& body);

  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::function<void()> ended_;  // under mutex_
  std::thread thread_;
};

}  // namespace camstream
