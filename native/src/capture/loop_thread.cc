#include "capture/loop_thread.h"

#include <pthread.h>

#include <string>
#include <system_error>
#include <utility>

#include "base/block_signals.h"

namespace camstream {

LoopThread::~LoopThread() {
  stop({});
  if (thread_.joinable()) thread_.join();
}

Status LoopThread::start(const char* name, std::function<void()> body, ThreadPriority priority) {
  const BlockSignals inherited;  // signals are for the main thread and would interrupt system calls here
  try {
    thread_ = std::thread([this, name, priority, body = std::move(body)] { run(name, priority, body); });
  } catch (const std::system_error& error) {
    return Error{"RING_SYSTEM", std::string("cannot start the ") + name + " thread: " + error.what() +
                                    ". Raise the limit of processes and threads (ulimit -u, a container's "
                                    "pids limit), or run fewer."};
  }
  return ok();
}

void LoopThread::stop(std::function<void()> ended) {
  const std::lock_guard lock(mutex_);
  if (stopping_.exchange(true)) return;
  ended_ = std::move(ended);
  wake_.notify_all();
}

void LoopThread::wake() {
  const std::lock_guard lock(mutex_);
  wake_.notify_all();
}

void LoopThread::run(const char* name, ThreadPriority priority, const std::function<void()>& body) {
  pthread_setname_np(pthread_self(), name);
  set_thread_priority(priority);
  body();
  std::function<void()> ended;
  {
    // After a failed first attempt there is nothing to do but to wait for the owner.
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping(); });
    ended = std::move(ended_);
  }
  if (ended) ended();
}

}  // namespace camstream
