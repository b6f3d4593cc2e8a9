#include "capture/capture_loop.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>

#include "base/block_signals.h"

namespace camstream {
namespace {

constexpr uint32_t kNextTimeoutMs = 100;
constexpr uint32_t kFirstBackoffMs = 200;
constexpr uint32_t kLongestBackoffMs = 2000;

}  // namespace

CaptureLoop::CaptureLoop(std::unique_ptr<Source> source, RingHostOptions ring, Opened opened,
                         LoopEventSink events)
    : source_(std::move(source)),
      opened_(std::move(opened)),
      events_(std::move(events)),
      keeper_(std::move(ring)),
      thread_([this] { run(); }) {}

CaptureLoop::~CaptureLoop() {
  stop({});
  thread_.join();
}

void CaptureLoop::stop(std::function<void()> ended) {
  std::lock_guard lock(mutex_);
  if (stopping_.exchange(true)) return;
  ended_ = std::move(ended);
  wake_.notify_all();
}

std::string CaptureLoop::description() const {
  std::lock_guard lock(mutex_);
  return description_;
}

void CaptureLoop::run() {
  const BlockSignals no_signals;  // they are for the main thread and would interrupt system calls here
  pthread_setname_np(pthread_self(), "capture");

  Status up = bring_up();
  const bool opened = static_cast<bool>(up);
  opened_(std::move(up));
  if (opened) {
    emit(LoopEvent::Kind::kStarted, {.description = description(), .geometry = keeper_.host()->geometry()});
  }

  while (opened && !stopping()) {
    Error error;
    switch (stream(error)) {
      case Outcome::kStopped: break;
      case Outcome::kPathLost: stop_source(); break;
      case Outcome::kEnded:
        emit(LoopEvent::Kind::kEnded);
        close_source();
        break;
      case Outcome::kFailed: fail(error); break;
    }
    while (!stopping()) {
      Status again = bring_up();
      if (again) break;
      fail(again.error());
    }
  }

  close_source();
  state_ = RingState::kClosed;
  keeper_.close();
  std::function<void()> ended;
  {
    std::unique_lock lock(mutex_);
    // After a failed first attempt the thread has nothing to do but to wait for its owner.
    wake_.wait(lock, [this] { return stopping(); });
    ended = std::move(ended_);
  }
  if (ended) ended();
}

// Whatever is missing for frames to flow: the right to the ring, an open source, a ring that fits it, a
// started stream. In this order: a second producer is told about the ring and leaves the camera alone.
Status CaptureLoop::bring_up() {
  if (Status claimed = keeper_.claim(); !claimed) return claimed.error();
  if (!source_open_) {
    if (Status opened = source_->open(); !opened) return opened.error();
    source_open_ = true;
    describe();
  }
  if (Status ring = ensure_ring(); !ring) return ring.error();
  if (started_before_) source_->mark_discontinuity();
  if (Status started = source_->start(*keeper_.host()); !started) return started.error();
  started_before_ = source_started_ = true;
  describe();  // start() may have decided how the buffers travel
  return ok();
}

Status CaptureLoop::ensure_ring() {
  const auto kept = keeper_.ensure(source_->layout(), source_->queue());
  if (!kept) return kept.error();
  if (*kept == RingKeeper::Kept::kReplaced) {
    emit(LoopEvent::Kind::kRebuilt, {.description = description(), .geometry = keeper_.host()->geometry()});
  }
  return ok();
}

CaptureLoop::Outcome CaptureLoop::stream(Error& error) {
  while (!stopping()) {
    const auto next = source_->next(*keeper_.host(), kNextTimeoutMs);
    pass_on_notices();
    look_after_ring();
    if (!next) {
      error = next.error();
      return Outcome::kFailed;
    }
    if (*next == Source::Next::kEnded) return Outcome::kEnded;
    if (*next == Source::Next::kFrame) {
      backoff_ms_ = 0;
      enter(RingState::kLive);
    }
    if (keeper_.needs_care()) return Outcome::kPathLost;
  }
  return Outcome::kStopped;
}

void CaptureLoop::stop_source() {
  if (source_started_) source_->stop(*keeper_.host());
  source_started_ = false;
}

void CaptureLoop::close_source() {
  stop_source();
  if (source_open_) source_->close();
  source_open_ = false;
}

// The source is taken down, the ring says so, and the next attempt is waited for.
void CaptureLoop::fail(const Error& error) {
  close_source();
  backoff_ms_ = backoff_ms_ == 0 ? kFirstBackoffMs : std::min(2 * backoff_ms_, kLongestBackoffMs);
  pass_on_notices();
  enter(RingState::kStalled);
  emit(LoopEvent::Kind::kFailed, {.error = error, .retry_in_ms = backoff_ms_});
  wait(backoff_ms_);
}

void CaptureLoop::wait(uint32_t milliseconds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  std::unique_lock lock(mutex_);
  while (!stopping() && std::chrono::steady_clock::now() < until) {
    const auto slice = std::chrono::steady_clock::now() + std::chrono::milliseconds(kNextTimeoutMs);
    wake_.wait_until(lock, std::min(until, slice));
    lock.unlock();
    look_after_ring();
    lock.lock();
  }
}

// Leases age whether frames flow or not.
void CaptureLoop::look_after_ring() {
  const uint32_t revoked = keeper_.look_after();
  if (revoked > 0) emit(LoopEvent::Kind::kRevoked, {.count = revoked});
}

void CaptureLoop::pass_on_notices() {
  for (Error& notice : source_->take_notices()) emit(LoopEvent::Kind::kNotice, {.error = std::move(notice)});
}

void CaptureLoop::enter(RingState state) {
  keeper_.set_state(state);
  const RingState before = state_.exchange(state);
  if (before == state) return;
  if (state == RingState::kStalled) emit(LoopEvent::Kind::kStalled);
  if (state == RingState::kLive && before == RingState::kStalled) emit(LoopEvent::Kind::kRecovered);
}

void CaptureLoop::describe() {
  std::string text = source_->description();
  std::lock_guard lock(mutex_);
  description_ = std::move(text);
}

void CaptureLoop::emit(LoopEvent::Kind kind, LoopEvent event) {
  event.kind = kind;
  events_(std::move(event));
}

}  // namespace camstream
