#include "binding/wait_thread.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>

#include "base/block_signals.h"
#include "base/clock.h"

namespace camstream {
namespace {

constexpr std::chrono::nanoseconds kLook(100'000'000);
constexpr uint32_t kJoinSliceMs = 5;  // so long may it take to end the thread while it waits for the answer
constexpr uint64_t kHeartbeatStoppedNs = 1'000'000'000;

std::chrono::nanoseconds nap_until(uint64_t early_ns) {
  if (early_ns == 0) return kLook;
  const uint64_t now_ns = monotonic_ns();
  const std::chrono::nanoseconds left(early_ns > now_ns ? early_ns - now_ns : 0);
  return std::min(left, kLook);
}

}  // namespace

uint32_t status_bits(const RingFile& file) {
  uint32_t bits = 0;
  const auto set = [&](bool is, StatusBit bit) { bits |= is ? static_cast<uint32_t>(bit) : 0; };
  const RingState state = file.state();
  set(state == RingState::kClosed, StatusBit::kClosed);
  set(file.peer_gone(), StatusBit::kProducerGone);
  set(file.path_replaced(), StatusBit::kReplaced);
  set(state == RingState::kStalled, StatusBit::kStalled);
  set(file.heartbeat_age_ns() > kHeartbeatStoppedNs, StatusBit::kHeartbeatStopped);
  set(!file.refusal().empty(), StatusBit::kRefused);
  return bits;
}

WaitThread::WaitThread(RingFile& file, FrameStore& store, bool join, std::function<void(bool status)> notify)
    : file_(file),
      store_(store),
      notify_(std::move(notify)),
      join_(file, store, join),
      told_status_(status_bits(file)) {
  const BlockSignals blocked;  // inherited: signals are for the threads that Node made
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), "camstream-wait");
}

WaitThread::~WaitThread() {
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    // It may be on its way to sleep, where an interruption of now would not reach it.
    while (!stopped_) {
      file_.interrupt();
      changed_.wait_for(lock, std::chrono::milliseconds(1));
    }
  }
  thread_.join();
}

void WaitThread::wait_settled(uint32_t timeout_ms) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                    [this] { return join_.settled() || stopping_; });
}

uint32_t WaitThread::look() {
  const uint32_t status = status_bits(file_);
  told_status_ = status;
  return status;
}

void WaitThread::arm(uint64_t after, uint64_t early_ns) {
  {
    const std::lock_guard lock(mutex_);
    armed_ = Armed{after, early_ns};
  }
  changed_.notify_all();
}

std::optional<uint64_t> WaitThread::disarm() {
  std::optional<Armed> armed;
  {
    const std::lock_guard lock(mutex_);
    armed.swap(armed_);
  }
  if (!armed) return std::nullopt;
  file_.interrupt();
  return armed->after;
}

void WaitThread::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_ && !join_.settled()) {
    lock.unlock();
    join_.wait(kJoinSliceMs);
    lock.lock();
  }
  changed_.notify_all();
  while (!stopping_) {
    const bool frame = sleep(lock);
    if (stopping_) break;
    lock.unlock();
    if (frame) notify_(false);  // first: looking after the ring costs system calls
    if (look_after()) notify_(true);
    lock.lock();
  }
  stopped_ = true;
  changed_.notify_all();
}

// True: what was armed is there, or expected at any moment.
bool WaitThread::sleep(std::unique_lock<std::mutex>& lock) {
  if (!armed_) {
    changed_.wait_for(lock, kLook, [this] { return armed_ || stopping_; });
    return false;
  }
  const Armed armed = *armed_;
  lock.unlock();
  const bool there = file_.wait(armed.after, nap_until(armed.early_ns));
  const bool over = !there && (file_.state() == RingState::kClosed || file_.peer_gone());
  lock.lock();
  if (armed_ == armed && (there || (armed.early_ns != 0 && monotonic_ns() >= armed.early_ns))) {
    armed_.reset();
    return true;
  }
  if (over) {  // no frame will come: say so at once, and do not ask again and again
    looked_ns_ = 0;
    armed_.reset();
  }
  return false;
}

// True: the status has changed.
bool WaitThread::look_after() {
  const uint64_t now_ns = monotonic_ns();
  if (now_ns - looked_ns_ < static_cast<uint64_t>(kLook.count())) return false;
  looked_ns_ = now_ns;
  store_.protect(now_ns);
  join_.step();
  const uint32_t status = status_bits(file_);
  return told_status_.exchange(status) != status;
}

}  // namespace camstream
