// The cameras of this machine, with all that can be known of them without streaming.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "capture/device_holders.h"
#include "capture/v4l2_controls.h"
#include "capture/v4l2_modes.h"

namespace camstream {

struct ListedCamera {
  std::string path;
  std::string id;    // stable_id_of()
  std::string name;  // "HD Pro Webcam C920"
  std::string bus;   // "usb-0000:00:14.0-2", as the driver says it
  std::string driver;
  std::vector<V4l2Mode> modes;
  std::vector<V4l2Control> controls;
  std::vector<std::string> inputs;  // input_names()
  std::vector<DeviceHolder> holders;
  // Why nothing more is known of it: it may not be opened, or is in use.
  std::optional<Error> problem;
};

// In the order of their numbers. What gives no pictures (metadata, outputs, codecs) is left out. Of ranges
// of sizes and rates those that are needed are among the modes.
std::vector<ListedCamera> list_cameras(const ModeNeeds& needs);

}  // namespace camstream
