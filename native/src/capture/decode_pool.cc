#include "capture/decode_pool.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/block_signals.h"
#include "base/system_error.h"

namespace camstream {
namespace {

constexpr uint32_t kMostThreads = 4;

}  // namespace

uint32_t decode_threads() { return std::clamp(std::thread::hardware_concurrency(), 1u, kMostThreads); }

DecodePool::~DecodePool() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

Status DecodePool::start() {
  ready_ = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!ready_) return system_error("RING_SYSTEM", "no eventfd for the decoder's threads", errno);
  add_thread();
  if (!threads_.empty()) return ok();
  return Error{
      "RING_SYSTEM",
      "cannot start a thread that decodes JPEG. Raise the limit of processes and threads (ulimit -u, "
      "a container's pids limit), or run fewer."};
}

void DecodePool::give(const Picture& picture) {
  size_t under_way = 0;
  {
    const std::lock_guard lock(mutex_);
    given_.push_back({picture});
    under_way = static_cast<size_t>(
        std::count_if(given_.begin(), given_.end(), [](const Job& job) { return !job.result; }));
  }
  if (under_way > threads_.size()) add_thread();  // if there is none to be had, the picture waits its turn
  wake_.notify_one();
}

std::optional<Status> DecodePool::take() {
  uint64_t told = 0;
  // Nothing to read: told before, and still there.
  if (read(ready_.get(), &told, sizeof told) < 0 && errno != EAGAIN) return std::nullopt;
  const std::lock_guard lock(mutex_);
  return pop();
}

std::optional<Status> DecodePool::wait() {
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return given_.empty() || given_.front().result; });
  return pop();
}

std::optional<Status> DecodePool::pop() {
  if (given_.empty() || !given_.front().result) return std::nullopt;
  std::optional<Status> result = std::move(given_.front().result);
  given_.pop_front();
  return result;
}

void DecodePool::add_thread() {
  if (threads_.size() >= most_threads_) return;
  const BlockSignals inherited;
  try {
    threads_.emplace_back([this] { run(); });
  } catch (const std::system_error&) {
  }
}

void DecodePool::run() {
  pthread_setname_np(pthread_self(), "decode");
  JpegDecoder decoder(layout_);
  std::unique_lock lock(mutex_);
  for (;;) {
    Job* job = nullptr;
    wake_.wait(lock, [&] { return (job = next_job()) || ending_; });
    if (!job) return;
    job->begun = true;
    const Picture picture = job->picture;
    lock.unlock();
    Status result = decoder.decode(picture.jpeg, picture.size, picture.slot);
    lock.lock();
    job->result = std::move(result);
    done_.notify_all();
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t told = write(ready_.get(), &one, sizeof one);  // full: told already
  }
}

DecodePool::Job* DecodePool::next_job() {
  for (Job& job : given_) {
    if (!job.begun) return &job;
  }
  return nullptr;
}

}  // namespace camstream
