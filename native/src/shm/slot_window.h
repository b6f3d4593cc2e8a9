// The address range through which a process sees one slot of a ring, read-only.
//
// Whoever still has a pointer into it (an ArrayBuffer, a compressor at work on another thread) can be
// kept from seeing the slot's next frame: the range is then laid with a copy of the bytes, or with
// zeros, at the same address and in one step. Such a window never shows the ring again; the slot gets
// another one. The range itself stays mapped until the last owner of the window lets go.
#pragma once

#include <memory>

#include "shm/mapping.h"

namespace camstream {

class SlotWindow {
 public:
  // Null if the kernel refuses (errno says why).
  static std::shared_ptr<SlotWindow> map(int fd, uint64_t offset, size_t length);

  const uint8_t* data() const { return range_.data(); }
  bool shows_ring() const { return shows_ring_; }

  // A private copy of the first `used` bytes, not yet shown; lay() shows it. Empty: no memory.
  Mapping copy(size_t used) const;
  // Puts `copy` where the slot was. A thread that reads at this moment sees the slot or the copy. False:
  // the kernel refused and nothing has changed.
  bool lay(Mapping copy);
  // Zeros where the slot was.
  bool lay_zeros();

 private:
  explicit SlotWindow(Mapping range) : range_(std::move(range)) {}

  Mapping range_;
  bool shows_ring_ = true;
};

}  // namespace camstream
