#include "shm/slot_window.h"

#include <algorithm>
#include <cstring>

namespace camstream {

std::shared_ptr<SlotWindow> SlotWindow::map(int fd, uint64_t offset, size_t length,
                                            std::shared_ptr<SpareMemory> spare) {
  void* address =
      mmap(nullptr, length, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, static_cast<off_t>(offset));
  if (address == MAP_FAILED) return nullptr;
  return std::shared_ptr<SlotWindow>(new SlotWindow(Mapping(address, length), std::move(spare)));
}

SlotWindow::~SlotWindow() {
  if (shows_ == Shows::kCopy) spare_->put(std::move(range_));
}

Mapping SlotWindow::copy(size_t used) const {
  Mapping copy = spare_->get(range_.size());
  if (copy) std::memcpy(copy.data(), range_.data(), std::min(used, range_.size()));
  return copy;
}

bool SlotWindow::lay(Mapping copy) {
  if (mprotect(copy.data(), copy.size(), PROT_READ) < 0) return false;
  // The kernel does this under its lock on the address space: a read in between waits for the end.
  void* moved = mremap(copy.data(), copy.size(), copy.size(), MREMAP_MAYMOVE | MREMAP_FIXED, range_.data());
  if (moved == MAP_FAILED) return false;
  copy.release();
  shows_ = Shows::kCopy;
  return true;
}

bool SlotWindow::lay_zeros() {
  void* laid = mmap(range_.data(), range_.size(), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  if (laid == MAP_FAILED) return false;
  shows_ = Shows::kZeros;
  return true;
}

}  // namespace camstream
