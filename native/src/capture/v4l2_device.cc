#include "capture/v4l2_device.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/clock.h"
#include "base/retry_eintr.h"
#include "base/system_error.h"
#include "capture/device_holders.h"
#include "shm/user_group.h"

namespace camstream {
namespace {

constexpr uint64_t kBusyNs = 2'000'000'000;
constexpr uint64_t kBusyPauseNs = 50'000'000;
constexpr const char* kListDevices = " `camstream-producer devices` lists the cameras of this machine.";

Error open_failure(const std::string& path, int reason) {
  if (reason == ENOENT || reason == ENOTDIR) {
    return {"DEVICE_NOT_FOUND",
            "the camera " + path + " does not exist. Plug it in, or name another." + kListDevices};
  }
  if (reason == ENODEV || reason == ENXIO) {
    return {"DEVICE_NOT_FOUND",
            path + " is there, but no device is behind it (" + errno_text(reason) + ")." + kListDevices};
  }
  struct stat file {};
  if ((reason == EACCES || reason == EPERM) && stat(path.c_str(), &file) == 0) {
    const std::string group = group_name(file.st_gid);
    return {"DEVICE_PERMISSION", "user " + std::to_string(geteuid()) + " may not use the camera " + path +
                                     ", which belongs to group `" + group +
                                     "`. Add the user to it: `usermod -aG " + group +
                                     " USER` (and log in anew)."};
  }
  if (reason == EBUSY) {
    return {"DEVICE_BUSY", "the camera " + path + " is in use by another program" +
                               (stat(path.c_str(), &file) == 0 ? device_holders(file.st_rdev, -1) : "") +
                               ". Close that program, or name another camera."};
  }
  return system_error("DEVICE_SYSTEM", "the camera " + path + " cannot be opened", reason);
}

Error no_camera(const std::string& path, const std::string& why) {
  return {"DEVICE_NOT_CAPTURE", path + " is no camera: " + why + "." + kListDevices};
}

template <size_t kSize>
std::string text_of(const __u8 (&field)[kSize]) {
  const auto* text = reinterpret_cast<const char*>(field);
  return std::string(text, strnlen(text, kSize));
}

}  // namespace

Result<V4l2Device> V4l2Device::open(const std::string& path) {
  struct stat file {};
  if (stat(path.c_str(), &file) != 0) return open_failure(path, errno);
  if (!S_ISCHR(file.st_mode)) return no_camera(path, "it is a file or folder, not a device");
  UniqueFd fd(retry_eintr([&] { return ::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC); }));
  if (!fd) return open_failure(path, errno);
  V4l2Device device(std::move(fd), path);
  if (Status known = device.identify(); !known) return known.error();
  return device;
}

V4l2Device::V4l2Device(UniqueFd fd, std::string path)
    : fd_(std::move(fd)), path_(std::move(path)), busy_until_ns_(monotonic_ns() + kBusyNs) {}

int V4l2Device::control(unsigned long request, void* argument) const {
  return retry_eintr([&] { return ioctl(fd_.get(), request, argument); });
}

int V4l2Device::control_when_free(unsigned long request, void* argument) const {
  int outcome = control(request, argument);
  while (outcome != 0 && errno == EBUSY && monotonic_ns() < busy_until_ns_) {
    sleep_until(monotonic_ns() + kBusyPauseNs);
    outcome = control(request, argument);
  }
  return outcome;
}

Status V4l2Device::own() const {
  while (flock(fd_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return ok();  // nodes that take no lock are the driver's to guard
    if (monotonic_ns() > busy_until_ns_) return failure("flock", EBUSY);
    sleep_until(monotonic_ns() + kBusyPauseNs);
  }
  return ok();
}

Error V4l2Device::failure(const char* call, int reason) const {
  const std::string what = std::string(" (") + call + ": " + errno_text(reason) + ")";
  if (reason == EBUSY) {
    struct stat file {};
    const std::string holders = fstat(fd_.get(), &file) == 0 ? device_holders(file.st_rdev, fd_.get()) : "";
    return {"DEVICE_BUSY", "the camera " + path_ + " is in use by another program" + holders + what +
                               ". Close that program, or name another camera."};
  }
  if (reason == ENODEV || reason == ENXIO) {
    return {"DEVICE_GONE", "the camera " + path_ + " (" + card_ + ") is gone" + what +
                               ". It is used again as soon as it is back; look at cable and power."};
  }
  return {"DEVICE_SYSTEM", "the camera " + path_ + " (" + card_ + ") failed" + what};
}

Status V4l2Device::identify() {
  v4l2_capability capability{};
  if (control(VIDIOC_QUERYCAP, &capability) != 0) {
    const int reason = errno;
    if (reason == ENOTTY || reason == EINVAL) return no_camera(path_, "it is no video device");
    return failure("VIDIOC_QUERYCAP", reason);
  }
  card_ = text_of(capability.card);
  driver_ = text_of(capability.driver);
  bus_ = text_of(capability.bus_info);
  const uint32_t can =
      capability.capabilities & V4L2_CAP_DEVICE_CAPS ? capability.device_caps : capability.capabilities;
  if (can & (V4L2_CAP_VIDEO_M2M | V4L2_CAP_VIDEO_M2M_MPLANE)) {
    return no_camera(path_, card_ + ", it is a codec or converter");
  }
  if (!(can & V4L2_CAP_VIDEO_CAPTURE) && can & V4L2_CAP_VIDEO_CAPTURE_MPLANE) {
    buffer_type_ = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
  } else if (!(can & V4L2_CAP_VIDEO_CAPTURE)) {
    const std::string named = card_ + ", ";
    if (can & V4L2_CAP_META_CAPTURE) {
      return no_camera(path_,
                       named +
                           "it gives metadata; the pictures of that camera come from another node, most "
                           "often the one before");
    }
    if (can & (V4L2_CAP_VIDEO_OUTPUT | V4L2_CAP_VIDEO_OUTPUT_MPLANE))
      return no_camera(path_, named + "it takes pictures in and gives none");
    return no_camera(path_, named + "it cannot capture video");
  }
  if (!(can & V4L2_CAP_STREAMING)) {
    return Error{"DEVICE_UNSUPPORTED", path_ + " (" + card_ + ") cannot stream (it offers read() only)."};
  }
  return ok();
}

}  // namespace camstream
