#include "capture/frame_picker.h"

#include <algorithm>

namespace camstream {
namespace {

double share_of(FrameRate wanted, FrameRate source) {
  if (wanted.numerator == 0 || source.numerator == 0) return 1;
  return std::min(1.0, wanted.hertz() / source.hertz());
}

}  // namespace

FramePicker::FramePicker(std::unique_ptr<RingHost::LocalReader> source, uint64_t after, const Rates& rates,
                         ConversionCounters& counters)
    : source_(std::move(source)),
      policy_(rates.wanted, rates.source),
      share_(share_of(rates.wanted, rates.source)),
      counters_(counters) {
  const uint64_t newest = head_sequence(source_->reader().head());
  seen_ = std::max(after, newest == 0 ? 0 : newest - 1);
}

std::optional<FramePicker::Picked> FramePicker::pick() {
  const auto wanted = look_at_new_frames();
  if (!wanted) return std::nullopt;
  auto frame = source_->reader().next(*wanted - 1);
  if (!frame) return std::nullopt;  // the writer laps us; the next look finds newer ones
  if (frame->meta.sequence != *wanted) {
    counters_.missed += 1;
    note_lost(1);
    seen_ = std::max(seen_, frame->meta.sequence);
  }
  Picked picked{*frame, frame->meta.flags | std::exchange(flags_, 0), static_cast<uint32_t>(lost_)};
  lost_ -= picked.dropped_before;
  return picked;
}

// Sequence of the last wanted one among them.
std::optional<uint64_t> FramePicker::look_at_new_frames() {
  std::optional<uint64_t> wanted;
  while (const auto frame = source_->reader().next(seen_, false)) {
    const FrameMeta& meta = frame->meta;
    note_lost(meta.sequence - seen_ - 1 + meta.dropped_before);
    seen_ = meta.sequence;
    flags_ |= meta.flags & kFrameDiscontinuity;
    if (!policy_.wants(meta.captured_ns)) {
      counters_.skipped += 1;
      continue;
    }
    if (wanted) {
      counters_.missed += 1;
      lost_ += 1;
    }
    wanted = meta.sequence;
  }
  return wanted;
}

bool FramePicker::release(Picked& picked) {
  const bool whole = source_->reader().intact(picked.frame);
  source_->reader().release(picked.frame);
  if (!whole) {
    counters_.missed += 1;
    lost_ += picked.dropped_before + 1;
    flags_ |= picked.flags & kFrameDiscontinuity;
  }
  return whole;
}

RingState FramePicker::source_state() const {
  return static_cast<RingState>(source_->reader().memory().live->state.load_relaxed());
}

const uint8_t* FramePicker::payload(const Picked& picked) const {
  return source_->reader().memory().payload(picked.frame.slot);
}

}  // namespace camstream
