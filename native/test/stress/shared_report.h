// A piece of memory that a test and its children have in common.
#pragma once

#include <sys/mman.h>

#include <new>

namespace camstream {

template <typename T>
class SharedReport {
 public:
  SharedReport() {
    void* address = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (address == MAP_FAILED) throw std::bad_alloc();
    value_ = new (address) T{};
  }
  ~SharedReport() { munmap(value_, sizeof(T)); }
  SharedReport(const SharedReport&) = delete;
  SharedReport& operator=(const SharedReport&) = delete;
  T* operator->() { return value_; }
  T& operator*() { return *value_; }

 private:
  T* value_;
};

}  // namespace camstream
