// What a camera's capture says to people, of a device that is open.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "capture/v4l2_agreement.h"
#include "capture/v4l2_device.h"

namespace camstream {

// "/dev/video0 (vivid), 640x480 yuyv 30/s"
std::string text_of(const V4l2Device& device, const Agreement& agreement);

// CAMERA_STALLED: no frame for so long.
Error stalled(const V4l2Device& device, uint64_t silence_ns);
// DEVICE_SIGNAL_CHANGED
Error signal_changed(const V4l2Device& device);

// Notices. DEVICE_PICTURE: what is wrong with a compressed picture.
Error damaged_picture(const V4l2Device& device, const std::string& damage);
// DEVICE_MODE: where the choice was ours and is not what could be expected.
Error short_of_wish(const V4l2Device& device, const ModeChoice& choice);

}  // namespace camstream
