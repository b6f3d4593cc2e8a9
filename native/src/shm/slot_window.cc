#include "shm/slot_window.h"

#include <cstring>

namespace camstream {

std::shared_ptr<SlotWindow> SlotWindow::map(int fd, uint64_t offset, size_t length) {
  void* address =
      mmap(nullptr, length, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, static_cast<off_t>(offset));
  if (address == MAP_FAILED) return nullptr;
  return std::shared_ptr<SlotWindow>(new SlotWindow(Mapping(address, length)));
}

Mapping SlotWindow::copy(size_t used) const {
  void* address = mmap(nullptr, range_.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (address == MAP_FAILED) return {};
  Mapping copy(address, range_.size());
  std::memcpy(copy.data(), range_.data(), used < range_.size() ? used : range_.size());
  mprotect(copy.data(), copy.size(), PROT_READ);
  return copy;
}

bool SlotWindow::lay(Mapping copy) {
  // The kernel does this under its lock on the address space: a read in between waits for the end.
  void* moved = mremap(copy.data(), copy.size(), copy.size(), MREMAP_MAYMOVE | MREMAP_FIXED, range_.data());
  if (moved == MAP_FAILED) return false;
  copy.release();
  shows_ring_ = false;
  return true;
}

bool SlotWindow::lay_zeros() {
  void* laid = mmap(range_.data(), range_.size(), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  if (laid == MAP_FAILED) return false;
  shows_ring_ = false;
  return true;
}

}  // namespace camstream
