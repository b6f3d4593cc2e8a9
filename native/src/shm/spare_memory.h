// Private memory for copies of frames. Fresh pages cost fifteen times what the copying does (the kernel
// clears them one by one), so a few of those that are done with are kept for the next copies.
#pragma once

#include <mutex>
#include <vector>

#include "shm/mapping.h"

namespace camstream {

class SpareMemory {
 public:
  // Writable; empty if there is no memory.
  Mapping get(size_t size) {
    const std::lock_guard lock(mutex_);
    for (auto spare = spares_.begin(); spare != spares_.end(); ++spare) {
      if (spare->size() != size) continue;
      Mapping found = std::move(*spare);
      spares_.erase(spare);
      if (mprotect(found.data(), size, PROT_READ | PROT_WRITE) == 0) return found;
      break;
    }
    void* fresh = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (fresh == MAP_FAILED) return {};
    madvise(fresh, size, MADV_HUGEPAGE);  // large pages halve that cost; without them it works as well
    return Mapping(fresh, size);
  }

  // Private memory of a copy that nobody uses any more.
  void put(Mapping done) {
    const std::lock_guard lock(mutex_);
    if (!closed_ && spares_.size() < kMost) spares_.push_back(std::move(done));
  }

  // Gives all back and keeps nothing from now on.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    spares_.clear();
  }

 private:
  static constexpr size_t kMost = 4;
  std::mutex mutex_;
  std::vector<Mapping> spares_;
  bool closed_ = false;
};

}  // namespace camstream
