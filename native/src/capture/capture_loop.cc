#include "capture/capture_loop.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>

#include "base/block_signals.h"
#include "base/clock.h"

namespace camstream {
namespace {

constexpr uint32_t kNextTimeoutMs = 100;
constexpr uint32_t kFirstBackoffMs = 200;
constexpr uint32_t kLongestBackoffMs = 2000;
constexpr uint64_t kLookEveryNs = 100'000'000;

bool same_layout(const FrameLayout& a, const FrameLayout& b) {
  const auto same_plane = [](const PlaneLayout& p, const PlaneLayout& q) {
    return p.offset == q.offset && p.stride == q.stride && p.rows == q.rows;
  };
  return a.fourcc == b.fourcc && a.width == b.width && a.height == b.height && a.plane_count == b.plane_count &&
         std::equal(a.planes.begin(), a.planes.end(), b.planes.begin(), same_plane) &&
         a.payload_size == b.payload_size && a.matrix == b.matrix && a.primaries == b.primaries &&
         a.range == b.range && a.rate_numerator == b.rate_numerator && a.rate_denominator == b.rate_denominator;
}

}  // namespace

CaptureLoop::CaptureLoop(std::unique_ptr<Source> source, RingHostOptions ring, Opened opened, LoopEventSink events)
    : source_(std::move(source)),
      ring_options_(std::move(ring)),
      opened_(std::move(opened)),
      events_(std::move(events)),
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
  if (opened) emit(LoopEvent::Kind::kStarted, {.description = description(), .geometry = host_->geometry()});

  while (opened && !stopping()) {
    Error error;
    const Outcome outcome = stream(error);
    if (outcome == Outcome::kStopped) break;
    if (outcome == Outcome::kFailed) fail(error);
    if (outcome == Outcome::kEnded) {
      emit(LoopEvent::Kind::kEnded);
      source_->stop(*host_);
      source_->close();
      source_started_ = source_open_ = false;
    }
    while (!stopping()) {
      if (Status again = bring_up(); !again) {
        fail(again.error());
      } else {
        break;
      }
    }
  }

  if (source_started_) source_->stop(*host_);
  if (source_open_) source_->close();
  state_ = RingState::kClosed;
  ring_->finish();
  claim_.reset();
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
  if (Status claimed = ensure_claim(); !claimed) return claimed.error();
  if (!source_open_) {
    if (Status opened = source_->open(); !opened) return opened.error();
    source_open_ = true;
    std::lock_guard lock(mutex_);
    description_ = source_->description();
  }
  if (Status ring = ensure_ring(); !ring) return ring.error();
  if (!first_start_) source_->mark_discontinuity();
  if (Status started = source_->start(*host_); !started) return started.error();
  first_start_ = false;
  source_started_ = true;
  std::lock_guard lock(mutex_);
  description_ = source_->description();  // start() may have decided how the buffers travel
  return ok();
}

Status CaptureLoop::ensure_claim() {
  if (claim_) return ok();
  auto claim = RingClaim::take(ring_options_);
  if (!claim) return claim.error();
  claim_ = *claim;
  return ok();
}

Status CaptureLoop::ensure_ring() {
  const FrameLayout layout = source_->layout();
  if (host_ && !host_->path_lost() && same_layout(ring_options_.layout, layout) &&
      ring_options_.queue >= source_->queue()) {
    return ok();
  }
  const bool replaced = !first_start_;
  if (host_ && source_started_) source_->stop(*host_);
  source_started_ = false;
  if (host_ && host_->path_lost()) claim_.reset();  // it is for a folder that is gone
  host_ = nullptr;
  ring_->clear();
  if (Status claimed = ensure_claim(); !claimed) return claimed.error();
  ring_options_.layout = layout;
  ring_options_.queue = source_->queue();
  auto host = RingHost::open(ring_options_, claim_);
  if (!host) {
    claim_.reset();  // the next attempt looks at the folder again
    return host.error();
  }
  host_ = &ring_->replace(std::move(*host));
  ring_state_ = RingState::kStarting;
  revoked_ = 0;
  if (replaced) emit(LoopEvent::Kind::kRebuilt, {.description = description(), .geometry = host_->geometry()});
  return ok();
}

CaptureLoop::Outcome CaptureLoop::stream(Error& error) {
  while (!stopping()) {
    const auto next = source_->next(*host_, kNextTimeoutMs);
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
    if (host_->path_lost()) return Outcome::kPathLost;
  }
  return Outcome::kStopped;
}

// The source is taken down, the ring says so, and the next attempt is waited for.
void CaptureLoop::fail(const Error& error) {
  if (source_started_) source_->stop(*host_);
  if (source_open_) source_->close();
  source_started_ = source_open_ = false;
  backoff_ms_ = backoff_ms_ == 0 ? kFirstBackoffMs : std::min(2 * backoff_ms_, kLongestBackoffMs);
  pass_on_notices();
  enter(RingState::kStalled);
  emit(LoopEvent::Kind::kFailed, {.error = error, .retry_in_ms = backoff_ms_});
  wait_or_stop(backoff_ms_);
}

// True: asked to stop.
bool CaptureLoop::wait_or_stop(uint32_t milliseconds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  std::unique_lock lock(mutex_);
  while (!stopping() && std::chrono::steady_clock::now() < until) {
    const auto slice = std::chrono::steady_clock::now() + std::chrono::milliseconds(kNextTimeoutMs);
    wake_.wait_until(lock, std::min(until, slice));
    lock.unlock();
    look_after_ring();
    lock.lock();
  }
  return stopping();
}

// Leases age whether frames flow or not.
void CaptureLoop::look_after_ring() {
  if (!host_) return;
  host_->tick();
  const uint64_t now = monotonic_ns();
  if (now - looked_at_ns_ < kLookEveryNs) return;
  looked_at_ns_ = now;
  const uint64_t revoked = host_->status().revoked;
  if (revoked > revoked_) emit(LoopEvent::Kind::kRevoked, {.count = static_cast<uint32_t>(revoked - revoked_)});
  revoked_ = revoked;
}

void CaptureLoop::pass_on_notices() {
  for (Error& notice : source_->take_notices()) emit(LoopEvent::Kind::kNotice, {.error = std::move(notice)});
}

void CaptureLoop::enter(RingState state) {
  if (host_ && ring_state_ != state) host_->set_state(ring_state_ = state);
  const RingState before = state_.exchange(state);
  if (before == state) return;
  if (state == RingState::kStalled) emit(LoopEvent::Kind::kStalled);
  if (state == RingState::kLive && before == RingState::kStalled) emit(LoopEvent::Kind::kRecovered);
}

void CaptureLoop::emit(LoopEvent::Kind kind, LoopEvent event) {
  event.kind = kind;
  events_(std::move(event));
}

}  // namespace camstream
