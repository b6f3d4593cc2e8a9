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

Status reset_usb_device(const std::string& folder) {
  unsigned bus = 0;
  unsigned device = 0;
  std::ifstream(folder + "/busnum") >> bus;
  std::ifstream(folder + "/devnum") >> device;
  char node[64];
  std::snprintf(node, sizeof node, "/dev/bus/usb/%03u/%03u", bus, device);
  const UniqueFd fd(open(node, O_WRONLY | O_CLOEXEC));
  const int failed = fd ? ioctl(fd.get(), USBDEVFS_RESET, 0) : -1;
  if (failed == 0) return ok();
  return system_error("DEVICE_SYSTEM", std::string("the USB device ") + node + " cannot be reset");
}

}  // namespace camstream
