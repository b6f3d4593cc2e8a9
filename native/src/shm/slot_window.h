// The address range through which a process sees one slot of a ring, read-only.
//
// Whoever still has a pointer into it (an ArrayBuffer, a compressor at work on another thread) can be
// kept from seeing the slot's next frame: the range is then laid with a copy of the bytes, or with
// zeros, at the same address and in one step. Such a window never shows the ring again; the slot gets
// another one. The range itself stays mapped until the last owner of the window lets go.
#pragma once

#include <memory>

#include "shm/mapping.h"
#include "shm/spare_memory.h"

namespace camstream {

class SlotWindow {
 public:
  // Null if the kernel refuses (errno says why).
  static std::shared_ptr<SlotWindow> map(int fd, uint64_t offset, size_t length,
                                         std::shared_ptr<SpareMemory> spare);
  ~SlotWindow();
  SlotWindow(const SlotWindow&) = delete;
  SlotWindow& operator=(const SlotWindow&) = delete;

  const uint8_t* data() const { return range_.data(); }
  bool shows_ring() const { return shows_ == Shows::kRing; }

  // A private copy of the first `used` bytes, not yet shown; lay() shows it. Empty: no memory.
  Mapping copy(size_t used) const;
  // Puts `copy` where the slot was. A thread that reads at this moment sees the slot or the copy. False:
  // the kernel refused and nothing has changed.
  bool lay(Mapping copy);
  // Zeros where the slot was.
  bool lay_zeros();

 private:
  enum class Shows { kRing, kCopy, kZeros };
  SlotWindow(Mapping range, std::shared_ptr<SpareMemory> spare)
      : range_(std::move(range)), spare_(std::move(spare)) {}

  Mapping range_;
  std::shared_ptr<SpareMemory> spare_;
  Shows shows_ = Shows::kRing;
};

}  // namespace camstream
