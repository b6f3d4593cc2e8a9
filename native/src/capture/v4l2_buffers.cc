#include "capture/v4l2_buffers.h"

#include <cerrno>

namespace camstream {

Result<uint32_t> request_buffers(const V4l2Device& device, v4l2_memory memory, uint32_t count) {
  v4l2_requestbuffers request{};
  request.count = count;
  request.type = device.buffer_type();
  request.memory = memory;
  if (device.control_when_free(VIDIOC_REQBUFS, &request) != 0) return device.failure("VIDIOC_REQBUFS", errno);
  return request.count;
}

Status stream_on(const V4l2Device& device) {
  uint32_t type = device.buffer_type();
  if (device.control(VIDIOC_STREAMON, &type) != 0) return device.failure("VIDIOC_STREAMON", errno);
  return ok();
}

void stream_off(const V4l2Device& device, v4l2_memory memory) {
  uint32_t type = device.buffer_type();
  device.control(VIDIOC_STREAMOFF, &type);  // fails only if the device is gone, and with it the stream
  v4l2_requestbuffers none{};
  none.type = device.buffer_type();
  none.memory = memory;
  device.control(VIDIOC_REQBUFS, &none);
}

}  // namespace camstream
