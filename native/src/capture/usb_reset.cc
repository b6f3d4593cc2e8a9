#include "capture/usb_reset.h"

#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstdio>
#include <fstream>

#include "base/system_error.h"
#include "base/unique_fd.h"

namespace camstream {

Status reset_usb_device(const std::string& folder, const std::string& nodes) {
  unsigned bus = 0;
  unsigned device = 0;
  std::ifstream(folder + "/busnum") >> bus;
  std::ifstream(folder + "/devnum") >> device;
  char name[32];
  std::snprintf(name, sizeof name, "/%03u/%03u", bus, device);
  const std::string node = nodes + name;
  const UniqueFd fd(open(node.c_str(), O_WRONLY | O_CLOEXEC));
  const int failed = fd ? ioctl(fd.get(), USBDEVFS_RESET, 0) : -1;
  if (failed == 0) return ok();
  return system_error("DEVICE_SYSTEM", "the USB device " + node + " cannot be reset");
}

}  // namespace camstream
