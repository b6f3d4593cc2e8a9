// Agrees with a camera on input, format, size and rate.
#pragma once

#include <optional>

#include "capture/v4l2_agreement.h"
#include "capture/v4l2_device.h"
#include "capture/v4l2_input.h"
#include "capture/v4l2_modes.h"

namespace camstream {

struct CameraWish {
  ModeWish mode{};
  ModeNeeds needs{};
  InputWish input{};
  std::optional<V4l2Mode> avoid{};  // tried in vain: another one, if there is one that grants the wish
};

// What pictures of a camera that is not there yet will most likely be.
FrameLayout expected_of(const CameraWish& wish);

// Errors: DEVICE_FORMAT (what was wanted, what is possible), those of select_input() and follow_signal(),
// and those of V4l2Device::failure().
Result<Agreement> negotiate(const V4l2Device& device, const CameraWish& wish);

}  // namespace camstream
