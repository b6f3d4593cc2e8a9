// Finds a camera again, opens it, and sets its controls: what does not change while the node's number does.
#pragma once

#include <string>
#include <vector>

#include "capture/control_memory.h"
#include "capture/v4l2_controls.h"
#include "capture/v4l2_device.h"

namespace camstream {

// What only time, a cable or somebody's permission can mend. A wrong configuration is told at once.
bool may_come_later(const Error& missing);

class V4l2Opener {
 public:
  // `device`: a node, or "id:" and a stable id. `controls`: set at each opening.
  V4l2Opener(std::string device, std::vector<ControlWish> controls)
      : device_(std::move(device)), controls_(std::move(controls)) {}

  // A camera that was open once is known by its id from then on: it is opened under whatever node it has
  // come back as, and another one that has its old node is left alone. Errors: those of V4l2Device::open()
  // and own().
  Result<V4l2Device> open();

  // After a mode is agreed on, which may reset controls: those of the configuration, and over them what was
  // set while the camera ran. The first time what is wrong with a wish is an error (CONTROL_*), for somebody
  // is there to read it; later it is a notice.
  Status set_up(const V4l2Device& device, std::vector<Error>& notices);

  // An event of type V4L2_EVENT_CTRL.
  void note(const v4l2_event& event) { memory_.note(event); }

  // The USB device behind the node it had last, in sysfs; empty: it is none.
  std::string usb_folder() const;

 private:
  Result<std::string> node() const;

  const std::string device_;
  const std::vector<ControlWish> controls_;
  ControlMemory memory_;
  std::string id_;    // once it was open
  std::string node_;  // where it was last
  bool set_up_before_ = false;
};

}  // namespace camstream
