// What a camera's controls have been set to while it ran, by whomever: the driver tells. A camera that comes
// back begins at its defaults, and is set again.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "capture/v4l2_controls.h"

namespace camstream {

class ControlMemory {
 public:
  // Asks the driver to tell of changes. After open().
  void watch(const V4l2Device& device);
  // An event of type V4L2_EVENT_CTRL.
  void note(const v4l2_event& event);
  // Sets what is remembered, automatics first. Returns the names of those that the camera does not take now.
  std::vector<std::string> restore(const V4l2Device& device) const;

 private:
  std::map<uint32_t, int64_t> values_;
};

}  // namespace camstream
