#include "capture/v4l2_buffers.h"

#include <cerrno>

namespace camstream {

Result<uint32_t> request_buffers(const V4l2Device& device, v4l2_memory memory, uint32_t count) {
  v4l2_requestbuffers request{};
  request.count = count;
  request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  request.memory = memory;
  if (device.control_when_free(VIDIOC_REQBUFS, &request) != 0) return device.failure("VIDIOC_REQBUFS", errno);
  return request.count;
}

Status stream_on(const V4l2Device& device) {
  int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  if (device.control(VIDIOC_STREAMON, &type) != 0) return device.failure("VIDIOC_STREAMON", errno);
  return ok();
}

void stream_off(const V4l2Device& device, v4l2_memory memory) {
  int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  device.control(VIDIOC_STREAMOFF, &type);  // fails only if the device is gone, and with it the stream
  v4l2_requestbuffers none{};
  none.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  none.memory = memory;
  device.control(VIDIOC_REQBUFS, &none);
}

}  // namespace camstream
