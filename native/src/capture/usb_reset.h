// A USB device, reset as if it had been unplugged and plugged in again.
#pragma once

#include <string>

#include "base/result.h"

namespace camstream {

// `folder`: the device in sysfs (usb_folder_of()); `nodes` are those of usbfs. Errors: DEVICE_SYSTEM, most
// often for lack of permission.
Status reset_usb_device(const std::string& folder, const std::string& nodes = "/dev/bus/usb");

}  // namespace camstream
