// Who has a device open.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace camstream {

struct DeviceHolder {
  int process = 0;
  std::string program;
};

// As far as /proc lets us look. `own_fd` is this process's own and does not count.
std::vector<DeviceHolder> holders_of(dev_t device, int own_fd);

// For the message that says it is busy: ": PROGRAM (process PID), ..." or, where nobody is to be seen, that
// it belongs to another user.
std::string device_holders(dev_t device, int own_fd);

}  // namespace camstream
