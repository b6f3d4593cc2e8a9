// The one writer of a ring. Never waits, always finds a slot, never touches a leased one.
//
// All methods belong to one thread (capture or conversion). Slots may be out at the same time: a
// USERPTR driver has several queued. No system call in here but those of the action that
// each_member_page() is given.
#pragma once

#include <optional>
#include <vector>

#include "ring/lease_table.h"
#include "ring/ring_memory.h"
#include "ring/slot_lock.h"

namespace camstream {

struct RingWriterStats {
  uint64_t published = 0;
  uint64_t probes_leased = 0;  // a slot was leased between the bitmap and the probe
  uint64_t revoked = 0;
};

template <typename Table = LeaseTable, typename Memory = RingMemory>
class BasicRingWriter {
 public:
  BasicRingWriter(Memory memory, Table& table, uint64_t lease_timeout_ns)
      : memory_(memory), table_(table), lease_timeout_ns_(lease_timeout_ns), slots_(memory.slot_count) {}

  // A slot to write into; its version is odd until one of the three calls below. Nullopt only if more
  // slots are out, or more leases were promised, than the ring was made for.
  std::optional<uint32_t> begin() {
    typename Table::Visit visit(table_);
    for (uint32_t round = 0; round < kRounds; ++round) {
      table_.collect(leased_, memory_.slot_count);
      if (const auto slot = enter_unleased(leased_)) return slot;
    }
    // There are more slots than leases. A reader that goes from frame to frame may be in our way once,
    // perhaps twice, but hardly at every slot of every round: somebody moves its words about. That must
    // not cost a frame, so the oldest slot that was free at first is taken.
    const auto slot = oldest_free(leased_);
    if (!slot) return std::nullopt;
    const uint32_t version = SlotLock(memory_.header(*slot)).enter();
    stats_.revoked += table_.take_back(*slot);
    return give_out(*slot, version);
  }

  // The slot holds a frame now. Assigns the sequence number and returns it; wake readers next.
  uint64_t publish(uint32_t slot, FrameMeta meta) {
    meta.sequence = ++sequence_;
    SlotLock(memory_.header(slot)).leave_with_frame(meta);
    slots_[slot] = {.sequence = meta.sequence, .version = 0, .out = false};
    head_ = slot;
    // SYNC W4 (partner R1): who sees the new head sees the slot's version.
    memory_.live->head.template store_release<Sync::kWriterPublishHead>(head_of(meta.sequence, slot));
    ++stats_.published;
    return meta.sequence;
  }

  // `action(LeasePage&)` for each member, to wake it after publish(). A member that is not seen because
  // it joins at this moment looks at head before it sleeps and finds the frame (M2, M5).
  template <typename Action>
  void each_member_page(Action&& action) {
    typename Table::Visit visit(table_);
    table_.each_member([&](Member& member) { action(*static_cast<LeasePage*>(member.page)); });
  }

  // Not one byte was written since begin(): the old frame is still there.
  void cancel_untouched(uint32_t slot) {
    SlotLock(memory_.header(slot)).leave_untouched(slots_[slot].version);
    slots_[slot].out = false;
  }

  // Bytes may have been written (failed decode, driver error, STREAMOFF): the slot holds no frame.
  void cancel_dirty(uint32_t slot) {
    SlotLock(memory_.header(slot)).leave_without_frame();
    slots_[slot] = {};
  }

  // Once in a while (the capture loop, per frame): ages leases, revokes hung ones. Returns how many.
  uint32_t age_leases(uint64_t elapsed_ns) {
    typename Table::Visit visit(table_);
    const uint32_t revoked = table_.age(elapsed_ns, lease_timeout_ns_);
    stats_.revoked += revoked;
    return revoked;
  }

  uint64_t sequence() const { return sequence_; }
  const RingWriterStats& stats() const { return stats_; }
  const Memory& memory() const { return memory_; }
  Table& table() { return table_; }

 private:
  struct Slot {
    uint64_t sequence = 0;  // of the frame in it; 0: none
    uint32_t version = 0;   // the even one that begin() found
    bool out = false;
  };

  static constexpr uint32_t kRounds = 3;

  // Goes into the oldest slot that is not in `tried` and that nobody has leased meanwhile.
  std::optional<uint32_t> enter_unleased(typename Table::SlotSet tried) {
    while (const auto slot = oldest_free(tried)) {
      tried.set(*slot);
      SlotLock lock(memory_.header(*slot));
      const uint32_t version = lock.enter();
      if (!table_.holds(*slot)) return give_out(*slot, version);
      lock.leave_untouched(version);  // leased in between: not one byte was written
      ++stats_.probes_leased;
    }
    return std::nullopt;
  }

  uint32_t give_out(uint32_t slot, uint32_t version) {
    slots_[slot].out = true;
    slots_[slot].version = version;
    return slot;
  }

  // Oldest unleased first, never head: history stays as long as it can.
  std::optional<uint32_t> oldest_free(const typename Table::SlotSet& taken) const {
    std::optional<uint32_t> best;
    for (uint32_t slot = 0; slot < memory_.slot_count; ++slot) {
      if (slots_[slot].out || taken.test(slot) || (sequence_ != 0 && slot == head_)) continue;
      if (!best || slots_[slot].sequence < slots_[*best].sequence) best = slot;
    }
    return best;
  }

  Memory memory_;
  Table& table_;
  uint64_t lease_timeout_ns_;
  std::vector<Slot> slots_;
  typename Table::SlotSet leased_;
  uint64_t sequence_ = 0;
  uint32_t head_ = 0;
  RingWriterStats stats_;
};

using RingWriter = BasicRingWriter<>;

}  // namespace camstream
