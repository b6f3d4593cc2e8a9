// Reading frames: head -> slot -> even version -> fields -> (lease) -> bytes -> same version.
//
// Works on a read-only mapping. With a lease page the bytes stay until release(); without one, or
// when all its words are taken, intact() decides after use.
#pragma once

#include <optional>

#include "ring/ring_writer.h"

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
  BasicRingReader(Memory memory, LeasePage* page, uint32_t quota) : memory_(memory), page_(page), quota_(quota) {}

  // SYNC R1 (partner W4). 0: nothing published yet.
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
      if (head_sequence(head()) <= after) return std::nullopt;
      const auto slot = oldest_after(after);
      if (!slot) continue;
      auto frame = take(slot->index, after, lease);
      if (!frame) continue;
      if (frame->meta.sequence == slot->sequence) return frame;
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

  // SYNC L3 (partner W2). Gives the lease back, if it is still this frame's. False: it was revoked.
  bool release(FrameView& frame) {
    if (frame.lease < 0) return true;
    const uint32_t index = static_cast<uint32_t>(frame.lease);
    frame.lease = -1;
    uint64_t expected = frame.word;
    const bool ours = page_->words[index].template compare_exchange<Sync::kLeaseClear>(expected, kLeaseFree);
    if (!ours && expected == kLeaseRevoked) page_->words[index].template store_release<Sync::kLeaseClear>(kLeaseFree);
    used_ &= ~(uint64_t{1} << index);
    return ours;
  }

  uint32_t leases_held() const { return static_cast<uint32_t>(__builtin_popcountll(used_)); }
  uint32_t quota() const { return page_ ? quota_ : 0; }
  const Memory& memory() const { return memory_; }

 private:
  static constexpr uint32_t kAttempts = 16;
  struct Found {
    uint32_t index;
    uint64_t sequence;
  };

  std::optional<Found> oldest_after(uint64_t after) const {
    std::optional<Found> best;
    for (uint32_t index = 0; index < memory_.slot_count; ++index) {
      SlotLock lock(memory_.header(index));
      const uint32_t version = lock.begin();
      if (version & 1) continue;
      const uint64_t sequence = memory_.header(index).sequence.load_relaxed();
      if (sequence <= after || !lock.unchanged(version)) continue;
      if (!best || sequence < best->sequence) best = Found{index, sequence};
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

  // SYNC L1, L2 (partner W1): either the writer's scan sees this word, or take()'s second look at the
  // version sees that the writer is in the slot. No free word: the frame stays unleased.
  void take_lease(FrameView& frame) {
    if (page_ == nullptr) return;
    for (uint32_t index = 0; index < quota_; ++index) {
      if (used_ & (uint64_t{1} << index)) continue;
      used_ |= uint64_t{1} << index;
      frame.lease = static_cast<int32_t>(index);
      frame.word = lease_word(++generation_, frame.slot);
      page_->words[index].template store_release<Sync::kLeaseStore>(frame.word);
      fence_seq_cst<Sync::kLeaseFence>();
      return;
    }
  }

  Memory memory_;
  LeasePage* page_;
  uint32_t quota_;
  uint64_t used_ = 0;
  uint64_t generation_ = 0;
};

using RingReader = BasicRingReader<>;

}  // namespace camstream
