// Word of video nodes that appear, or get other rights, in /dev.
#pragma once

#include <cstdint>

#include "base/unique_fd.h"

namespace camstream {

class DeviceWatch {
 public:
  // Where the kernel has no watch to give (or /dev is one that nobody tells of), nothing is heard, and
  // whoever waits does so for its whole time.
  DeviceWatch();

  // Forgets what has happened so far: before a look at the device, so that nothing after it is missed.
  void forget();
  // Something happened to a video node since forget(), or does within the time.
  bool wait(uint32_t timeout_ms);

 private:
  bool drain();

  UniqueFd notify_;
};

}  // namespace camstream
