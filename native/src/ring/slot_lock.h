// The seqlock of one slot.
//
//   version even: a whole frame (or none, if sequence is 0); odd: the writer is in the slot.
//
// Writer: enter -> write bytes and fields -> leave_with_frame. Reader: begin -> use bytes -> unchanged.
#pragma once

#include "ring/layout.h"

namespace camstream {

struct FrameMeta {
  uint64_t sequence = 0;
  uint64_t captured_ns = 0;
  uint64_t published_ns = 0;
  uint32_t flags = 0;
  uint32_t bytes_used = 0;
  uint32_t dropped_before = 0;
  uint32_t source_sequence = 0;
};

class SlotLock {
 public:
  explicit SlotLock(SlotHeader& slot) : slot_(slot) {}

  // Writer. Makes the version odd. SYNC W1 (partners R3, L2): the odd version comes before the lease
  // scan and before any byte of the new frame. Returns the even version that was there.
  uint32_t enter() {
    const uint32_t version = slot_.version.load_relaxed();
    slot_.version.store_relaxed(version + 1);
    fence_seq_cst<Sync::kWriterOddFence>();
    return version;
  }

  // Writer. Gives the slot back as it was. Only if NOT ONE BYTE of it was written since enter().
  // SYNC W8 (partner R2): who sees the version sees the frame's bytes, as after W3.
  void leave_untouched(uint32_t version) { slot_.version.store_release<Sync::kWriterGiveBack>(version); }

  // Writer. SYNC W3 (partner R2): who sees the new version sees the bytes and fields of its frame.
  void leave_with_frame(const FrameMeta& meta) {
    slot_.sequence.store_relaxed(meta.sequence);
    slot_.captured_ns.store_relaxed(meta.captured_ns);
    slot_.published_ns.store_relaxed(meta.published_ns);
    slot_.flags.store_relaxed(meta.flags);
    slot_.bytes_used.store_relaxed(meta.bytes_used);
    slot_.dropped_before.store_relaxed(meta.dropped_before);
    slot_.source_sequence.store_relaxed(meta.source_sequence);
    slot_.version.store_release<Sync::kWriterPublishVersion>(slot_.version.load_relaxed() + 1);
  }

  // Writer. Bytes were written but they are no frame: a new even version and sequence 0.
  void leave_without_frame() { leave_with_frame(FrameMeta{}); }

  // Reader. SYNC R2 (partner W3). Odd: the writer is in the slot.
  uint32_t begin() const { return slot_.version.load_acquire<Sync::kReaderVersion>(); }

  // Reader. Copies the fields; they are whole only if unchanged() says so afterwards.
  FrameMeta meta() const {
    FrameMeta meta;
    meta.sequence = slot_.sequence.load_relaxed();
    meta.captured_ns = slot_.captured_ns.load_relaxed();
    meta.published_ns = slot_.published_ns.load_relaxed();
    meta.flags = slot_.flags.load_relaxed();
    meta.bytes_used = slot_.bytes_used.load_relaxed();
    meta.dropped_before = slot_.dropped_before.load_relaxed();
    meta.source_sequence = slot_.source_sequence.load_relaxed();
    return meta;
  }

  // Reader. SYNC R3 (partner W1): the reads above come before this look at the version, so who saw a
  // byte of a newer frame sees its version too.
  bool unchanged(uint32_t version) const {
    fence_acquire<Sync::kReaderCheckFence>();
    return slot_.version.load_relaxed() == version;
  }

  // Lease holder: SYNC R3 too (partners W1, W6). While the word is its own the writer may probe the slot
  // (version + 1) but not write it.
  bool unchanged_or_probed(uint32_t version) const {
    fence_acquire<Sync::kReaderCheckFence>();
    const uint32_t now = slot_.version.load_relaxed();
    return now == version || now == version + 1;
  }

 private:
  SlotHeader& slot_;
};

}  // namespace camstream
