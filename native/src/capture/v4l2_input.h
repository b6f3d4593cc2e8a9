// Which of a device's inputs is on, and what comes in there: an HDMI-like signal, or a television standard.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "capture/frame_rate.h"
#include "capture/v4l2_device.h"

namespace camstream {

struct InputWish {
  std::optional<uint32_t> number{};  // none: the one that is selected
  // "PAL", "NTSC", "SECAM" or one by the driver's name: "PAL-M"; empty: as it is.
  std::string standard{};
};

// A device's inputs: "0 (Camera 1)".
std::vector<std::string> input_names(const V4l2Device& device);

// Selects input and standard. Nothing: the device has no inputs to choose from.
// Errors: DEVICE_INPUT, DEVICE_STANDARD, and those of V4l2Device::failure().
Result<std::optional<v4l2_input>> select_input(const V4l2Device& device, const InputWish& wish);

// An HDMI-like input gives what its source sends: its timings are found out and set.
// Errors: DEVICE_NO_SIGNAL, and those of V4l2Device::failure().
Result<v4l2_bt_timings> follow_signal(const V4l2Device& device);
FrameRate rate_of(const v4l2_bt_timings& timings);

}  // namespace camstream
