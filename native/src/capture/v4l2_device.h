// A video device that has been opened and found to be a camera, and what can be wrong with it.
#pragma once

#include <linux/videodev2.h>

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace camstream {

class V4l2Device {
 public:
  // Errors: DEVICE_NOT_FOUND, DEVICE_PERMISSION (names the group to join), DEVICE_NOT_CAPTURE,
  // DEVICE_UNSUPPORTED, DEVICE_BUSY, DEVICE_SYSTEM.
  static Result<V4l2Device> open(const std::string& path);

  int fd() const { return fd_.get(); }
  const std::string& path() const { return path_; }
  const std::string& card() const { return card_; }      // "vivid", "HD Pro Webcam C920"
  const std::string& driver() const { return driver_; }  // "uvcvideo"

  const std::string& bus() const { return bus_; }        // "usb-0000:00:14.0-2"

  // Makes it ours until it is closed, against other producers on this machine: a lock (flock) on the node
  // itself. Errors: DEVICE_BUSY, after 2 s as below.
  Status own() const;

  // V4L2_BUF_TYPE_VIDEO_CAPTURE, or ..._MPLANE of a device that has only that.
  uint32_t buffer_type() const { return buffer_type_; }
  bool multi_planar() const { return buffer_type_ == V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE; }

  // 0 or -1 with errno, like ioctl(2), undisturbed by signals.
  int control(unsigned long request, void* argument) const;
  // The same, but EBUSY is tried again until 2 s after open(): a producer that was killed a moment ago
  // may not have let go of the camera yet.
  int control_when_free(unsigned long request, void* argument) const;

  // What a failed call means: DEVICE_BUSY with the processes that hold the device, DEVICE_GONE, or
  // DEVICE_SYSTEM. `call` is the name of the request, for people.
  Error failure(const char* call, int reason) const;

 private:
  V4l2Device(UniqueFd fd, std::string path);
  Status identify();

  UniqueFd fd_;
  std::string path_;
  std::string card_;
  std::string driver_;
  std::string bus_;
  uint32_t buffer_type_ = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  uint64_t busy_until_ns_ = 0;
};

}  // namespace camstream
