#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/system_error.h"
#include "capture/v4l2_buffers.h"

namespace camstream {
namespace {

// One of the driver's buffers in our memory.
class DriverMemory {
 public:
  DriverMemory(void* start, size_t size) : start_(start), size_(size) {}
  DriverMemory(DriverMemory&& other) noexcept
      : start_(std::exchange(other.start_, MAP_FAILED)), size_(other.size_) {}
  DriverMemory& operator=(DriverMemory&&) = delete;
  ~DriverMemory() {
    if (start_ != MAP_FAILED) munmap(start_, size_);
  }
  const uint8_t* data() const { return static_cast<const uint8_t*>(start_); }
  size_t size() const { return size_; }

 private:
  void* start_;
  size_t size_;
};

class MmapBuffers final : public V4l2Buffers {
 public:
  MmapBuffers(const V4l2Device& device, uint32_t count) : device_(device), count_(count) {}

  Status start(RingHost&) override {
    if (Status started = try_start(); !started) {
      release();
      return started.error();
    }
    return ok();
  }

  // The driver gets its buffer back before the frame is published: it has the copy's time to spare.
  Result<uint32_t> take(RingHost& ring, const v4l2_buffer& buffer) override {
    const auto slot = ring.begin();
    if (!slot) return Error{"RING_NO_SLOT", "No slot of the ring is free for the next frame."};
    const DriverMemory& memory = memory_[buffer.index];
    const uint64_t bytes =
        std::min<uint64_t>({buffer.bytesused, memory.size(), ring.geometry().payload_capacity});
    std::memcpy(ring.payload(*slot), memory.data(), bytes);
    if (Status queued = queue(buffer.index); !queued) {
      ring.cancel_dirty(*slot);
      return queued.error();
    }
    return *slot;
  }

  Status discard(RingHost&, const v4l2_buffer& buffer) override { return queue(buffer.index); }
  Status refill(RingHost&) override { return ok(); }
  void stop(RingHost&) override { release(); }
  v4l2_memory memory() const override { return V4L2_MEMORY_MMAP; }

 private:
  Status try_start() {
    const auto granted = request_buffers(device_, V4L2_MEMORY_MMAP, count_);
    if (!granted) return granted.error();
    for (uint32_t index = 0; index < *granted; ++index) {
      if (Status mapped = map(index); !mapped) return mapped.error();
      if (Status queued = queue(index); !queued) return queued.error();
    }
    return stream_on(device_);
  }

  Status map(uint32_t index) {
    v4l2_buffer buffer = describe(index);
    if (device_.control(VIDIOC_QUERYBUF, &buffer) != 0) return device_.failure("VIDIOC_QUERYBUF", errno);
    void* start = mmap(nullptr, buffer.length, PROT_READ, MAP_SHARED, device_.fd(), buffer.m.offset);
    if (start == MAP_FAILED) return device_.failure("mmap of a buffer", errno);
    memory_.emplace_back(start, buffer.length);
    return ok();
  }

  Status queue(uint32_t index) {
    v4l2_buffer buffer = describe(index);
    if (device_.control(VIDIOC_QBUF, &buffer) != 0) return device_.failure("VIDIOC_QBUF", errno);
    return ok();
  }

  static v4l2_buffer describe(uint32_t index) {
    v4l2_buffer buffer{};
    buffer.index = index;
    buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    buffer.memory = V4L2_MEMORY_MMAP;
    return buffer;
  }

  // Unmapped first: a driver does not free buffers that are mapped.
  void release() {
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    device_.control(VIDIOC_STREAMOFF, &type);
    memory_.clear();
    stream_off(device_, V4L2_MEMORY_MMAP);
  }

  const V4l2Device& device_;
  uint32_t count_;
  std::vector<DriverMemory> memory_;
};

}  // namespace

std::unique_ptr<V4l2Buffers> make_mmap_buffers(const V4l2Device& device, uint32_t count) {
  return std::make_unique<MmapBuffers>(device, count);
}

}  // namespace camstream
