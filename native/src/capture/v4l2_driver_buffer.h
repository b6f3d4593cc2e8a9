// One v4l2_buffer for either interface: with its one piece of memory inside, or with several beside it.
#pragma once

#include <linux/videodev2.h>

#include <array>
#include <cstdint>
#include <vector>

#include "capture/v4l2_device.h"

namespace camstream {

// Where one piece of a buffer's memory lies in a slot.
struct MemoryPlane {
  uint64_t offset = 0;
  uint32_t size = 0;    // the driver's sizeimage
  uint32_t needed = 0;  // bytes without which its part of the picture is not whole
};

class DriverBuffer {
 public:
  DriverBuffer(const V4l2Device& device, v4l2_memory memory, uint32_t memory_count, uint32_t index = 0) {
    buffer_.type = device.buffer_type();
    buffer_.memory = memory;
    buffer_.index = index;
    if (!device.multi_planar()) return;
    buffer_.m.planes = planes_.data();
    buffer_.length = memory_count;
    multi_ = true;
  }
  DriverBuffer(const DriverBuffer&) = delete;  // it points into itself
  DriverBuffer& operator=(const DriverBuffer&) = delete;

  v4l2_buffer* argument() { return &buffer_; }  // for the ioctls
  const v4l2_buffer& head() const { return buffer_; }
  uint32_t index() const { return buffer_.index; }

  uint32_t length(uint32_t plane) const { return multi_ ? planes_[plane].length : buffer_.length; }
  uint32_t map_offset(uint32_t plane) const {
    return multi_ ? planes_[plane].m.mem_offset : buffer_.m.offset;
  }
  unsigned long user_address(uint32_t plane) const {
    return multi_ ? planes_[plane].m.userptr : buffer_.m.userptr;
  }
  void set_user_memory(uint32_t plane, unsigned long address, uint32_t length) {
    if (multi_) {
      planes_[plane].m.userptr = address;
      planes_[plane].length = length;
    } else {
      buffer_.m.userptr = address;
      buffer_.length = length;
    }
  }

  // Of a dequeued buffer: where in its memory the picture begins, and the bytes from there.
  uint32_t data_offset(uint32_t plane) const { return multi_ ? planes_[plane].data_offset : 0; }
  uint32_t bytes_used(uint32_t plane) const {
    if (!multi_) return buffer_.bytesused;
    const v4l2_plane& used = planes_[plane];
    return used.bytesused > used.data_offset ? used.bytesused - used.data_offset : 0;
  }

  // How far the picture reaches in its slot; 0: a part of it is missing.
  uint32_t picture_end(const std::vector<MemoryPlane>& planes) const {
    uint64_t end = 0;
    for (uint32_t index = 0; index < planes.size(); ++index) {
      if (bytes_used(index) < planes[index].needed) return 0;
      end = planes[index].offset + bytes_used(index);
    }
    return static_cast<uint32_t>(end);
  }

 private:
  v4l2_buffer buffer_{};
  std::array<v4l2_plane, VIDEO_MAX_PLANES> planes_{};
  bool multi_ = false;
};

}  // namespace camstream
