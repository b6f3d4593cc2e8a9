#include "capture/v4l2_driver_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>

#include "capture/v4l2_buffers.h"

namespace camstream {

Status DriverMemory::start(uint32_t count) {
  const auto granted = request_buffers(device_, V4L2_MEMORY_MMAP, count);
  if (!granted) return granted.error();
  for (uint32_t index = 0; index < *granted; ++index) {
    if (Status mapped = map(index); !mapped) return mapped.error();
    if (Status queued = queue(index); !queued) return queued.error();
  }
  return stream_on(device_);
}

Status DriverMemory::map(uint32_t index) {
  DriverBuffer buffer(device_, V4L2_MEMORY_MMAP, memory_count_, index);
  if (device_.control(VIDIOC_QUERYBUF, buffer.argument()) != 0) {
    return device_.failure("VIDIOC_QUERYBUF", errno);
  }
  for (uint32_t plane = 0; plane < memory_count_; ++plane) {
    void* start = mmap(nullptr, buffer.length(plane), PROT_READ, MAP_SHARED, device_.fd(),
                       buffer.map_offset(plane));
    if (start == MAP_FAILED) return device_.failure("mmap of a buffer", errno);
    pieces_.push_back({start, buffer.length(plane)});
  }
  return ok();
}

Status DriverMemory::queue(uint32_t index) {
  DriverBuffer buffer(device_, V4L2_MEMORY_MMAP, memory_count_, index);
  if (device_.control(VIDIOC_QBUF, buffer.argument()) != 0) return device_.failure("VIDIOC_QBUF", errno);
  return ok();
}

DriverMemory::Bytes DriverMemory::picture(const DriverBuffer& buffer, uint32_t plane) const {
  const size_t index = size_t{buffer.index()} * memory_count_ + plane;
  if (index >= pieces_.size()) return {};
  const Piece& piece = pieces_[index];
  const uint32_t begin = std::min(buffer.data_offset(plane), piece.size);
  return {static_cast<const uint8_t*>(piece.start) + begin,
          std::min(buffer.bytes_used(plane), piece.size - begin)};
}

// Unmapped before they are given back: a driver does not free buffers that are mapped.
void DriverMemory::stop() {
  uint32_t type = device_.buffer_type();
  device_.control(VIDIOC_STREAMOFF, &type);
  unmap();
  stream_off(device_, V4L2_MEMORY_MMAP);
}

void DriverMemory::unmap() {
  for (const Piece& piece : pieces_) munmap(piece.start, piece.size);
  pieces_.clear();
}

}  // namespace camstream
