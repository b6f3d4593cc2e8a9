#include "capture/conversion_loop.h"

#include <algorithm>
#include <chrono>

#include "base/clock.h"
#include "pixels/notice_picture.h"

namespace camstream {
namespace {

constexpr uint32_t kSliceMs = 50;        // how soon a stop or a pause is noticed
constexpr uint32_t kParkedLookMs = 500;  // a paused ring whose folder is taken away is rebuilt, too
constexpr uint32_t kFirstAttachMs = 2000;
constexpr uint64_t kNoticeEveryNs = 1'000'000'000;

// `changed` is called when readers of other processes join or leave.
RingHostOptions watched(RingHostOptions ring, std::function<void()> changed) {
  ring.visitors_changed = std::move(changed);
  return ring;
}

FrameRate rate_of(const FrameLayout& layout) { return {layout.rate_numerator, layout.rate_denominator}; }

}  // namespace

ConversionLoop::ConversionLoop(std::shared_ptr<const SharedRing> source, const ConversionRequest& request,
                               RingHostOptions ring, Opened opened, LoopEventSink events)
    : source_(std::move(source)),
      request_(request),
      opened_(std::move(opened)),
      events_(std::move(events)),
      keeper_(watched(std::move(ring), [this] { thread_.wake(); })) {
  Status started = thread_.start("conversion", [this] { run(); }, ThreadPriority::kConversion);
  if (!started) opened_(started.error());
}

ConversionLoop::~ConversionLoop() = default;

void ConversionLoop::stop(std::function<void()> ended) { thread_.stop(std::move(ended)); }

void ConversionLoop::set_active(bool active) {
  active_ = active;
  thread_.wake();
}

void ConversionLoop::set_notice(std::string text) {
  {
    const std::lock_guard lock(notice_mutex_);
    notice_ = std::move(text);
  }
  thread_.wake();
}

void ConversionLoop::run() {
  Status up = attach_first();
  if (up) up = ensure_ring();
  const bool opened = static_cast<bool>(up);
  opened_(std::move(up));
  if (opened) emit(LoopEvent::Kind::kStarted, {.geometry = keeper_.host()->geometry()});

  while (opened && !stopping()) {
    park();
    if (stopping()) break;
    if (Status stepped = step(); !stepped) fail(stepped.error());
  }

  detach();
  keeper_.close();
}

Status ConversionLoop::attach_first() {
  for (uint32_t waited_ms = 0; waited_ms < kFirstAttachMs && !stopping(); waited_ms += kSliceMs) {
    const auto attached = attach();
    if (!attached) return attached.error();
    if (*attached) return ok();
  }
  return Error{"CONVERSION_NO_SOURCE",
               "There is no ring to convert from: its capture or conversion is closed or being restarted."};
}

// A reader on the source's ring, and a plan for its frames. False: there is no ring at the moment.
Result<bool> ConversionLoop::attach() {
  if (source_->finished()) wait(kSliceMs);
  auto attachment = source_->attach(0, std::chrono::milliseconds(kSliceMs));
  if (attachment.generation == 0) return false;
  if (!attachment.reader) {
    return Error{"CONVERSION_NO_SOURCE",
                 "The ring has no place for another conversion of it. Close one, or share its ring."};
  }
  if (Status planned = plan_for(attachment.layout); !planned) return planned.error();
  if (attachment.generation != generation_) {
    discontinuity_ = generation_ != 0;
    generation_ = attachment.generation;
    seen_ = 0;
  }
  picker_.emplace(std::move(attachment.reader), seen_,
                  FramePicker::Rates{request_.rate, rate_of(attachment.layout)}, counters_);
  return true;
}

Status ConversionLoop::plan_for(const FrameLayout& from) {
  if (plan_ && from == source_layout_) return ok();
  auto layout = converted_layout(from, request_.picture);
  if (!layout) return layout.error();
  auto plan = ConversionPlan::make(from, *layout, request_.picture);
  if (!plan) return plan.error();
  const FrameRate source_rate = rate_of(from);
  const bool slower = source_rate.numerator == 0 || request_.rate.hertz() < source_rate.hertz();
  if (request_.rate.numerator != 0 && slower) {
    layout->rate_numerator = request_.rate.numerator;
    layout->rate_denominator = request_.rate.denominator;
  }
  plan_ = std::move(*plan);
  layout_ = *layout;
  source_layout_ = from;
  return ok();
}

Status ConversionLoop::ensure_ring() {
  const auto kept = keeper_.ensure(layout_, 1);
  if (!kept) return kept.error();
  if (*kept == RingKeeper::Kept::kReplaced) {
    state_ = RingState::kStarting;
    emit(LoopEvent::Kind::kRebuilt, {.geometry = keeper_.host()->geometry()});
  }
  return ok();
}

Status ConversionLoop::step() {
  if (picker_ && picker_->closed()) {
    detach();
    follow_state(RingState::kStalled);
  }
  if (!picker_) {
    const auto attached = attach();
    if (!attached) return attached.error();
    if (!*attached) {  // being rebuilt, or gone for good
      follow_state(RingState::kStalled);
      look_after_ring();
      return show_notice();
    }
  }
  if (Status ring = ensure_ring(); !ring) return ring.error();
  picker_->wait(kSliceMs);
  look_after_ring();
  if (auto picked = picker_->pick()) return convert(*picked);
  follow_state(picker_->source_state());
  return picker_->source_state() == RingState::kLive ? ok() : show_notice();
}

Status ConversionLoop::convert(FramePicker::Picked& picked) {
  RingHost& ring = *keeper_.host();
  const auto slot = ring.begin();
  if (!slot) {
    picker_->release(picked);
    return Error{"RING_NO_SLOT", "No slot of the ring is free for the next frame."};
  }
  const uint64_t before_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
  plan_->convert(picker_->payload(picked), ring.payload(*slot));
  counters_.convert_ns += clock_ns(CLOCK_THREAD_CPUTIME_ID) - before_ns;
  FrameMeta meta = picked.frame.meta;
  if (!picker_->release(picked)) {
    ring.cancel_dirty(*slot);
    return ok();
  }
  meta.flags = picked.flags | (std::exchange(discontinuity_, false) ? kFrameDiscontinuity : 0u);
  meta.dropped_before = picked.dropped_before;
  meta.bytes_used = static_cast<uint32_t>(layout_.payload_size);
  ring.publish(*slot, meta);
  counters_.converted += 1;
  backoff_.reset();
  noticed_.clear();
  if (state_ == RingState::kPaused) state_ = RingState::kStarting;
  // A source that is itself made from another one may be showing a notice: it says that it is stalled.
  follow_state(picker_->source_state());
  return ok();
}

// Once a second, and at once when there is something else to say.
Status ConversionLoop::show_notice() {
  std::string text;
  {
    const std::lock_guard lock(notice_mutex_);
    text = notice_;
  }
  const uint64_t now_ns = monotonic_ns();
  if (text.empty() || !keeper_.host()) return ok();
  if (text == noticed_ && now_ns - noticed_ns_ < kNoticeEveryNs) return ok();
  RingHost& ring = *keeper_.host();
  const auto slot = ring.begin();
  if (!slot) return Error{"RING_NO_SLOT", "No slot of the ring is free for the notice."};
  paint_notice({ring.payload(*slot), layout_}, text);
  FrameMeta meta;
  meta.captured_ns = now_ns;
  meta.flags = kFrameDiscontinuity | kFrameEstimatedTime;
  meta.bytes_used = static_cast<uint32_t>(layout_.payload_size);
  ring.publish(*slot, meta);
  noticed_ = std::move(text);
  noticed_ns_ = now_ns;
  discontinuity_ = true;  // so the next frame begins anew
  return ok();
}

// Returns when active, or stopping.
void ConversionLoop::park() {
  if (active_) return;
  detach();  // the source's memory and leases are for those who work
  while (!active_ && !stopping()) {
    keeper_.set_state(state_ = RingState::kPaused);
    thread_.wait(kParkedLookMs, [this] { return active_ || visited_anew(); });
    look_after_ring();
    if (keeper_.needs_care()) {
      if (Status ring = ensure_ring(); !ring) fail(ring.error());
    }
  }
}

bool ConversionLoop::visited_anew() const { return (keeper_.visitors() > 0) != visited_; }

void ConversionLoop::detach() {
  if (picker_) seen_ = picker_->seen();
  picker_.reset();
}

// This ring's state is its source's, once it has had a frame since it began or was paused.
void ConversionLoop::follow_state(RingState source) {
  const RingState state = source == RingState::kClosed ? RingState::kStalled : source;
  if (state == RingState::kStarting || state == RingState::kPaused) return;
  if (state == state_ || !keeper_.host()) return;
  if (state == RingState::kLive && state_ == RingState::kPaused) return;  // its newest frame is an old one
  if (state == RingState::kLive && keeper_.host()->status().published == 0) return;
  state_ = state;
  keeper_.set_state(state);
  if (state == RingState::kStalled && !std::exchange(told_down_, true)) emit(LoopEvent::Kind::kStalled);
  if (state == RingState::kLive && std::exchange(told_down_, false)) emit(LoopEvent::Kind::kRecovered);
}

void ConversionLoop::fail(const Error& error) {
  detach();
  follow_state(RingState::kStalled);
  const uint32_t pause_ms = backoff_.next_ms();
  told_down_ = true;
  emit(LoopEvent::Kind::kFailed, {.error = error, .retry_in_ms = pause_ms});
  wait(pause_ms);
}

void ConversionLoop::look_after_ring() {
  if (const uint32_t revoked = keeper_.look_after(); revoked > 0) {
    emit(LoopEvent::Kind::kRevoked, {.count = revoked});
  }
  if (visited_anew()) {
    visited_ = !visited_;
    emit(LoopEvent::Kind::kVisited, {.count = keeper_.visitors()});
  }
  if (keeper_.restore()) emit(LoopEvent::Kind::kRebuilt, {.geometry = keeper_.host()->geometry()});
}

// Or until stop(). The ring is looked after meanwhile.
void ConversionLoop::wait(uint32_t milliseconds) {
  const uint64_t until_ns = monotonic_ns() + uint64_t{milliseconds} * 1'000'000;
  for (uint64_t now_ns; !stopping() && (now_ns = monotonic_ns()) < until_ns;) {
    const auto left_ms = static_cast<uint32_t>((until_ns - now_ns) / 1'000'000) + 1;
    thread_.wait(std::min(left_ms, kSliceMs));
    look_after_ring();
  }
}

void ConversionLoop::emit(LoopEvent::Kind kind, LoopEvent event) {
  event.kind = kind;
  events_(std::move(event));
}

}  // namespace camstream
