// Agrees with a camera on input, format, size and rate.
#pragma once

#include "capture/v4l2_agreement.h"
#include "capture/v4l2_device.h"
#include "capture/v4l2_input.h"
#include "capture/v4l2_modes.h"

namespace camstream {

struct CameraWish {
  ModeWish mode{};
  ModeNeeds needs{};
  InputWish input{};
};

// Errors: DEVICE_FORMAT (what was wanted, what is possible), those of select_input() and follow_signal(),
// and those of V4l2Device::failure().
Result<Agreement> negotiate(const V4l2Device& device, const CameraWish& wish);

}  // namespace camstream
