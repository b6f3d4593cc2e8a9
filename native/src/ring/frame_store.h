// The frames that one reader holds: their leases, and the addresses at which its process sees them.
//
// The promise: a pointer handed out for a frame never shows another frame's bytes and never faults,
// however late it is used.
//
//   held       by JavaScript; released by id. The slot is leased if the ring had a lease to give.
//   lingering  released, but native code may be at work on it still (hand_out): the lease stays until
//              the buffer is dropped. When the lease is wanted for another frame, or might be revoked,
//              the frame becomes a private copy at the same address and its lease is free.
//
// Threads: everything may be called from any thread.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "ring/ring_reader.h"
#include "shm/slot_window.h"

namespace camstream {

// Where the slots' bytes lie in the ring's file.
struct SlotFile {
  int fd = -1;  // stays the caller's, open until close()
  uint64_t data_offset = 0;
  uint64_t slot_stride = 0;
  uint64_t payload_capacity = 0;
  uint32_t slot_count = 0;
};

class FrameStore : public std::enable_shared_from_this<FrameStore> {
 public:
  FrameStore(RingReader reader, SlotFile file, uint64_t lease_timeout_ns);
  ~FrameStore();
  FrameStore(const FrameStore&) = delete;
  FrameStore& operator=(const FrameStore&) = delete;

  // The reader has become a member: frames taken from now on have leases. `reader` is of the same ring.
  void join(RingReader reader);

  struct Taken {
    uint64_t id = 0;  // never used again
    FrameMeta meta;
    bool leased = false;
  };
  // Nullopt: no frame newer than `after`. `every`: the oldest such frame, else the newest.
  // Error: RING_SYSTEM.
  Result<std::optional<Taken>> take(bool every, uint64_t after);

  // Another id for a held frame, for native code that says when it is done (by release()). If the lease
  // is wanted meanwhile, the frame becomes a copy. 0: `id` was released.
  uint64_t lend(uint64_t id);

  struct Bytes {
    const uint8_t* data = nullptr;
    size_t size = 0;
  };
  // In place, until release(). Nullopt: released.
  std::optional<Bytes> bytes(uint64_t id) const;

  // In place, for native code: the frame's own until the HandOut is dropped; of a lent frame until its
  // release(), and zeros afterwards. Null: the frame has no lease; copy it, then ask intact().
  // Errors: FRAME_RELEASED, FRAME_OVERWRITTEN.
  class HandOut;
  Result<std::unique_ptr<HandOut>> hand_out(uint64_t id);
  static Error overwritten();

  bool intact(uint64_t id) const;

  struct Released {
    bool held = false;  // false: it was given back before
    // Set if the address will not be the slot's for ever: to be kept while a pointer may exist.
    std::shared_ptr<SlotWindow> keep;
  };
  Released release(uint64_t id);

  // Once in a while: frames whose lease might soon be revoked become copies.
  void protect(uint64_t now_ns);

  // The reader leaves the ring, whose memory is given back. retire(): frames held become copies.
  // close(): they are given back, and only what native code may be at work on becomes a copy.
  void retire() { leave(true); }
  void close() { leave(false); }

  struct Counts {
    uint32_t held = 0;
    uint32_t lingering = 0;
    uint64_t copied = 0;
  };
  Counts counts() const;

 private:
  struct Hold;
  using HoldPtr = std::shared_ptr<Hold>;
  struct Id {
    HoldPtr hold;
    bool lent;
  };

  std::shared_ptr<SlotWindow> window_of(uint32_t slot);
  HoldPtr same_frame(const FrameView& frame) const;
  uint64_t add_id(const HoldPtr& hold, bool lent);
  void free_a_lease();
  bool intact(const Hold& hold) const;
  bool make_copy(Hold& hold);
  void make_zeros(Hold& hold);
  void let_go(const HoldPtr& hold);
  void take_back(const HoldPtr& hold, bool lent);
  void leave(bool keep_held);
  void set_apart(Hold& hold, bool keep_held);

  mutable std::mutex mutex_;
  RingReader reader_;
  SlotFile file_;
  uint64_t lease_timeout_ns_;
  bool open_ = true;
  uint64_t last_id_ = 0;
  uint64_t copied_ = 0;
  std::vector<std::shared_ptr<SlotWindow>> windows_;  // by slot; null until first used
  std::shared_ptr<SpareMemory> spare_ = std::make_shared<SpareMemory>();
  std::vector<std::shared_ptr<SlotWindow>> parked_;   // after leaving: views may still point there
  std::unordered_map<uint64_t, Id> ids_;
  std::vector<HoldPtr> holds_;  // one for each frame in use, oldest first
};

// What a buffer for native code owns.
class FrameStore::HandOut {
 public:
  HandOut(std::shared_ptr<FrameStore> store, HoldPtr hold, Bytes bytes, bool lent);
  ~HandOut();
  HandOut(const HandOut&) = delete;
  HandOut& operator=(const HandOut&) = delete;
  const Bytes& bytes() const { return bytes_; }
  bool lent() const { return lent_; }

 private:
  std::shared_ptr<FrameStore> store_;
  HoldPtr hold_;
  std::shared_ptr<SlotWindow> window_;  // keeps the range mapped
  Bytes bytes_;
  bool lent_;
};

}  // namespace camstream
