#include "capture/capture_loop.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"

namespace camstream {
namespace {

constexpr uint32_t kNextTimeoutMs = 100;
constexpr uint32_t kNewsSliceMs = 50;  // how soon a stop is noticed while a device is waited for

}  // namespace

CaptureLoop::CaptureLoop(std::unique_ptr<Source> source, RingHostOptions ring, Opened opened,
                         LoopEventSink events)
    : opened_(std::move(opened)),
      events_(std::move(events)),
      keeper_(ring),
      track_(ring),
      source_(std::move(source)) {
  Status started = thread_.start("capture", [this] { run(); }, ThreadPriority::kCapture);
  if (!started) opened_(started.error());
}

CaptureLoop::~CaptureLoop() { stop({}); }

void CaptureLoop::stop(std::function<void()> ended) {
  thread_.stop(std::move(ended));
  std::lock_guard lock(mutex_);
  source_->give_up();
}

void CaptureLoop::change(std::unique_ptr<Source> source, std::function<void(Status)> changed) {
  change_.put({std::move(source), std::move(changed)});
}

std::shared_ptr<const SourceCounters> CaptureLoop::counters() const {
  std::lock_guard lock(mutex_);
  return {source_, &source_->counters()};
}

std::string CaptureLoop::description() const {
  std::lock_guard lock(mutex_);
  return description_;
}

void CaptureLoop::run() {
  Status up = bring_up();
  const Error missing = up ? Error{} : up.error();
  if (!up) up = await_source(missing);
  const bool opened = static_cast<bool>(up);
  opened_(std::move(up));
  if (opened && !missing.code.empty()) {
    fail(missing);
    bring_up_again();
  }

  while (opened && !stopping()) {
    tell_started();
    Error error;
    switch (stream(error)) {
      case Outcome::kStopped: break;
      case Outcome::kRingUnfit: stop_source(); break;
      case Outcome::kEnded:
        emit(LoopEvent::Kind::kEnded);
        close_source();
        break;
      case Outcome::kFailed: fail(error); break;
      case Outcome::kSucceeded: take_over(); break;
    }
    bring_up_again();
  }

  change_.close();
  close_source();
  state_ = RingState::kClosed;
  track_.close();
  keeper_.close();
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
  source_->set_track_ring(track_.host());
  if (started_before_) source_->mark_discontinuity();
  if (Status started = source_->start(*keeper_.host()); !started) return started.error();
  started_before_ = source_started_ = true;
  describe();  // start() may have decided how the buffers travel
  return ok();
}

// Until it works, or stop().
void CaptureLoop::bring_up_again() {
  while (!stopping()) {
    if (find_successor()) take_over();
    Status again = bring_up();
    if (again) return;
    fail(again.error());
  }
}

// True: there is one, and it is open.
bool CaptureLoop::find_successor() {
  auto change = change_.take();
  if (!change) return false;
  if (Status opened = change->source->open(); !opened) {
    change->changed(opened.error());
    return false;
  }
  successor_ = std::move(change);
  return true;
}

void CaptureLoop::take_over() {
  close_source();
  {
    std::lock_guard lock(mutex_);
    source_ = successor_->source;
  }
  source_open_ = true;
  told_started_ = false;
  backoff_.reset();
  describe();
  successor_->changed(ok());
  successor_.reset();
}

// The source may be plugged in later. Readers and conversions get a ring at once, of what is expected; it is
// replaced if something else comes.
Status CaptureLoop::await_source(const Error& missing) {
  const auto expected = source_->expected_layout(missing);
  if (!expected) return missing;
  describe();
  const auto kept = keeper_.ensure(*expected, source_->queue());
  return kept ? ok() : Status(kept.error());
}

void CaptureLoop::tell_started() {
  if (std::exchange(told_started_, true)) return;
  emit(LoopEvent::Kind::kStarted, {.description = description(), .geometry = keeper_.host()->geometry()});
}

Status CaptureLoop::ensure_ring() {
  const auto kept = keeper_.ensure(source_->layout(), source_->queue());
  if (!kept) return kept.error();
  if (*kept == RingKeeper::Kept::kReplaced) {
    emit(LoopEvent::Kind::kRebuilt, {.description = description(), .geometry = keeper_.host()->geometry()});
  }
  return track_.ensure(source_->track());
}

CaptureLoop::Outcome CaptureLoop::stream(Error& error) {
  while (!stopping()) {
    if (find_successor()) return Outcome::kSucceeded;
    const auto next = source_->next(*keeper_.host(), kNextTimeoutMs);
    pass_on_notices();
    look_after_ring();
    if (!next) {
      error = next.error();
      return Outcome::kFailed;
    }
    if (*next == Source::Next::kEnded) return Outcome::kEnded;
    if (*next == Source::Next::kNewLayout) return Outcome::kRingUnfit;
    if (*next == Source::Next::kSilent) enter(RingState::kStalled);
    if (*next == Source::Next::kFrame) {
      backoff_.reset();
      enter(RingState::kLive);
    }
    if (keeper_.needs_care() || track_.needs_care()) return Outcome::kRingUnfit;
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
  const uint32_t pause_ms = backoff_.next_ms();
  pass_on_notices();
  enter(RingState::kStalled);
  emit(LoopEvent::Kind::kFailed, {.error = error, .retry_in_ms = pause_ms});
  wait(pause_ms);
}

// Leases age and the ring's folder is looked after whether frames flow or not.
void CaptureLoop::wait(uint32_t milliseconds) {
  const uint64_t until_ns = monotonic_ns() + uint64_t{milliseconds} * 1'000'000;
  for (uint64_t now_ns; !stopping() && (now_ns = monotonic_ns()) < until_ns;) {
    const auto left_ms = static_cast<uint32_t>((until_ns - now_ns) / 1'000'000) + 1;
    const auto news = source_->wait_for_news(std::min(left_ms, kNewsSliceMs));
    if (news.value_or(false) || change_.any()) return;
    if (!news) thread_.wait(std::min(left_ms, kNextTimeoutMs));
    look_after_ring();
    track_.restore();
    if (keeper_.restore()) {
      emit(LoopEvent::Kind::kRebuilt, {.description = description(), .geometry = keeper_.host()->geometry()});
    }
  }
}

void CaptureLoop::look_after_ring() {
  const uint32_t revoked = keeper_.look_after() + track_.look_after();
  if (revoked > 0) emit(LoopEvent::Kind::kRevoked, {.count = revoked});
}

void CaptureLoop::pass_on_notices() {
  for (Error& notice : source_->take_notices()) emit(LoopEvent::Kind::kNotice, {.error = std::move(notice)});
}

void CaptureLoop::enter(RingState state) {
  keeper_.set_state(state);
  track_.set_state(state);
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
