// A driver's own buffers in our address space (V4L2_MEMORY_MMAP).
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "capture/v4l2_device.h"
#include "capture/v4l2_driver_buffer.h"

namespace camstream {

class DriverMemory {
 public:
  DriverMemory(const V4l2Device& device, uint32_t memory_count)
      : device_(device), memory_count_(memory_count) {}
  ~DriverMemory() { unmap(); }
  DriverMemory(const DriverMemory&) = delete;
  DriverMemory& operator=(const DriverMemory&) = delete;

  // Requests, maps and queues buffers, and starts the stream. After an error stop() is due.
  Status start(uint32_t count);
  Status queue(uint32_t index);
  // Ends the stream and gives everything back; may be called at any time.
  void stop();

  struct Bytes {
    const uint8_t* data = nullptr;
    uint32_t size = 0;
  };
  // The part of the picture in that piece of a dequeued buffer.
  Bytes picture(const DriverBuffer& buffer, uint32_t plane) const;

 private:
  struct Piece {
    void* start;
    uint32_t size;
  };
  Status map(uint32_t index);
  void unmap();

  const V4l2Device& device_;
  uint32_t memory_count_;
  std::vector<Piece> pieces_;  // memory_count_ for each buffer
};

}  // namespace camstream
