// Memory that ends (or begins) at a page nobody may touch: a library without instrumentation that reads
// or writes one byte too far dies there.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace camstream {

class GuardedBuffer {
 public:
  enum class Guard { kBefore, kBehind };

  GuardedBuffer(size_t size, Guard guard) : size_(size), pages_((size + kPage - 1) / kPage) {
    base_ = static_cast<uint8_t*>(
        mmap(nullptr, (pages_ + 2) * kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (base_ == MAP_FAILED || mprotect(base_ + kPage, pages_ * kPage, PROT_READ | PROT_WRITE) != 0) abort();
    data_ = base_ + kPage + (guard == Guard::kBehind ? pages_ * kPage - size : 0);
  }
  ~GuardedBuffer() { munmap(base_, (pages_ + 2) * kPage); }
  GuardedBuffer(const GuardedBuffer&) = delete;
  GuardedBuffer& operator=(const GuardedBuffer&) = delete;

  uint8_t* data() { return data_; }
  size_t size() const { return size_; }

 private:
  static constexpr size_t kPage = 4096;
  size_t size_;
  size_t pages_;
  uint8_t* base_;
  uint8_t* data_;
};

}  // namespace camstream
