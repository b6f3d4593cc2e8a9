// Reading frames: head -> slot -> even version -> fields -> (lease) -> bytes -> same version.
//
// Works on a read-only mapping. With a lease page the bytes stay until release(); without one, or
// when all its words are taken, intact() decides after use. One thread at a time.
#pragma once

#include <array>
#include <optional>

#include "base/crash_point.h"
#include "ring/ring_memory.h"
#include "ring/slot_lock.h"

namespace camstream {

// A frame as found. `lease` < 0: not leased.
struct FrameView {
  uint32_t slot = 0;
  uint32_t version = 0;
  int32_t lease = -1;
  uint64_t word = kLeaseFree;  // what stands in the lease word while it is ours
  FrameMeta meta;
};

template <typename Memory = RingMemory>
class BasicRingReader {
 public:
  // `page` may be null (unregistered). `quota`: lease words the writer promised to look at.
  BasicRingReader(Memory memory, LeasePage* page, uint32_t quota)
      : memory_(memory), page_(page), quota_(quota < kMaxQuota ? quota : kMaxQuota) {}

  // SYNC R1 (partner W4): who sees a head sees the version of the slot that it names.
  // 0: nothing published yet.
  uint64_t head() const { return memory_.live->head.template load_acquire<Sync::kReaderHead>(); }

  // The newest frame if it is newer than `after`.
  std::optional<FrameView> newest(uint64_t after, bool lease = true) {
    for (uint32_t attempt = 0; attempt < kAttempts; ++attempt) {
      const uint64_t head = this->head();
      if (head_sequence(head) <= after) return std::nullopt;
      if (auto frame = take(head_slot(head), after, lease)) return frame;
    }
    return std::nullopt;  // only with a writer that laps us at every attempt; the next wake-up tries again
  }

  // The oldest frame that is newer than `after` and still there. Falls back to the newest one when
  // the writer laps us again and again; the caller counts what was missed from the sequence.
  std::optional<FrameView> next(uint64_t after, bool lease = true) {
    for (uint32_t attempt = 0; attempt < kAttempts; ++attempt) {
      const uint64_t newest_sequence = head_sequence(head());
      if (newest_sequence <= after) return std::nullopt;
      const auto found = oldest_after(after);
      // A frame published since we looked at head may not be the oldest: the slots are not looked at in
      // one instant. Only up to that head everything was there before the first look.
      if (!found || found->sequence > newest_sequence) continue;
      auto frame = take(found->slot, after, lease);
      if (!frame) continue;
      if (frame->meta.sequence == found->sequence) return frame;
      release(*frame);
    }
    return newest(after, lease);
  }

  // The bytes are still those of this frame. For a lease that has not been revoked, always.
  bool intact(const FrameView& frame) const {
    SlotLock lock(memory_.header(frame.slot));
    if (frame.lease < 0) return lock.unchanged(frame.version);
    return lock.unchanged_or_probed(frame.version) && page_->words[frame.lease].load_relaxed() == frame.word;
  }

  // Gives the lease back, if it is still this frame's: a second call, or one for a frame whose word
  // holds a newer lease by now, changes nothing. False: the lease was no longer there (revoked).
  // SYNC L3 (partner W2): our last read comes before the writer's next write.
  bool release(FrameView& frame) {
    if (frame.lease < 0) return true;
    const uint32_t index = static_cast<uint32_t>(frame.lease);
    frame.lease = -1;
    if (held_[index] != frame.word) return false;
    held_[index] = kLeaseFree;
    // A revoked word stays as it is until the next lease: it is as good as free.
    uint64_t expected = frame.word;
    return page_->words[index].template compare_exchange_release<Sync::kLeaseClear>(expected, kLeaseFree);
  }

  uint32_t leases_held() const {
    uint32_t held = 0;
    for (const uint64_t word : held_) held += word != kLeaseFree ? 1 : 0;
    return held;
  }
  uint32_t quota() const { return page_ ? quota_ : 0; }
  const Memory& memory() const { return memory_; }

 private:
  static constexpr uint32_t kAttempts = 16;
  struct Found {
    uint32_t slot;
    uint64_t sequence;
  };

  std::optional<Found> oldest_after(uint64_t after) const {
    std::optional<Found> best;
    for (uint32_t slot = 0; slot < memory_.slot_count; ++slot) {
      SlotLock lock(memory_.header(slot));
      const uint32_t version = lock.begin();
      if (version & 1) continue;
      const uint64_t sequence = memory_.header(slot).sequence.load_relaxed();
      if (sequence <= after || !lock.unchanged(version)) continue;
      if (!best || sequence < best->sequence) best = Found{slot, sequence};
    }
    return best;
  }

  std::optional<FrameView> take(uint32_t slot, uint64_t after, bool lease) {
    if (slot >= memory_.slot_count) return std::nullopt;
    SlotLock lock(memory_.header(slot));
    FrameView frame;
    frame.slot = slot;
    frame.version = lock.begin();
    if (frame.version & 1) return std::nullopt;
    if (lease) take_lease(frame);
    frame.meta = lock.meta();
    const bool whole = lock.unchanged(frame.version) && frame.meta.sequence > after;
    if (whole) return frame;
    release(frame);
    return std::nullopt;
  }

  // SYNC L1 (partner W2): the reads under the word's last lease come before this one is seen.
  // SYNC L2 (partner W1): either the writer's scan sees this word, or take()'s second look at the version
  // sees that the writer is in the slot. No free word: the frame stays unleased.
  void take_lease(FrameView& frame) {
    if (page_ == nullptr) return;
    for (uint32_t index = 0; index < quota_; ++index) {
      if (held_[index] != kLeaseFree) continue;
      frame.lease = static_cast<int32_t>(index);
      frame.word = lease_word(++generation_, frame.slot);
      held_[index] = frame.word;
      page_->words[index].template store_release<Sync::kLeaseStore>(frame.word);
      fence_seq_cst<Sync::kLeaseFence>();
      crash_point("lease_stored");
      return;
    }
  }

  Memory memory_;
  LeasePage* page_;
  uint32_t quota_;
  std::array<uint64_t, kMaxQuota> held_{};  // what stands in each word while a frame of ours holds it
  uint64_t generation_ = 0;
};

using RingReader = BasicRingReader<>;

}  // namespace camstream
