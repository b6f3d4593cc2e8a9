// Who has a device open, for the message that says it is busy.
#pragma once

#include <sys/types.h>

#include <string>

namespace camstream {

// ": PROGRAM (process PID), ..." or, where nobody is to be seen, that it belongs to another user.
// `own_fd` is this process's own and does not count.
std::string device_holders(dev_t device, int own_fd);

}  // namespace camstream
