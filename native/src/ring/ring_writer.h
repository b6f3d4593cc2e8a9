// The one writer of a ring. Never waits, always finds a slot, never touches a leased one.
//
// All methods belong to one thread (capture or conversion). Slots may be out at the same time: a
// USERPTR driver has several queued. No system call in here but the wake-up in publish().
#pragma once

#include <optional>
#include <vector>

#include "ring/lease_table.h"
#include "ring/slot_lock.h"

namespace camstream {

// The three parts of a mapped ring; the memory belongs to whoever made it.
struct RingMemory {
  RingLive* live = nullptr;
  uint8_t* slot_headers = nullptr;
  uint32_t slot_header_size = kSlotHeaderSize;
  uint8_t* data = nullptr;
  uint64_t slot_stride = 0;
  uint32_t slot_count = 0;

  SlotHeader& header(uint32_t slot) const {
    return *reinterpret_cast<SlotHeader*>(slot_headers + static_cast<size_t>(slot) * slot_header_size);
  }
  uint8_t* payload(uint32_t slot) const { return data + slot_stride * slot; }
};

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
  // slots are out than the ring was made for.
  std::optional<uint32_t> begin() {
    typename Table::Visit visit(table_);
    table_.collect(leased_, memory_.slot_count);
    typename Table::SlotSet tried = leased_;
    while (const auto slot = oldest_free(tried)) {
      tried.set(*slot);
      SlotLock lock(memory_.header(*slot));
      const uint32_t version = lock.enter();
      if (table_.holds(*slot)) {  // leased in between: not one byte was written
        lock.leave_untouched(version);
        ++stats_.probes_leased;
        continue;
      }
      slots_[*slot].out = true;
      slots_[*slot].version = version;
      return slot;
    }
    return std::nullopt;
  }

  // The slot holds a frame now. Assigns the sequence number and returns it; wake readers next (see
  // frame_signal.h).
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
