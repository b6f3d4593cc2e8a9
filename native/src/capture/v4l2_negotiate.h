// Agrees with a camera on input, format, size and rate.
#pragma once

#include <optional>

#include "capture/v4l2_device.h"
#include "capture/v4l2_modes.h"

namespace camstream {

struct Agreement {
  FrameLayout layout;          // with the driver's strides, size of a buffer and colours
  uint64_t picture_bytes = 0;  // as many make a whole picture
  uint32_t buffer_size = 0;    // the driver's sizeimage
  bool dv_timings = false;     // an HDMI-like input: its source may change the size at any time
};

// Errors: DEVICE_FORMAT (what was wanted, what is possible), DEVICE_INPUT, DEVICE_NO_SIGNAL, and those
// of V4l2Device::failure().
Result<Agreement> negotiate(const V4l2Device& device, const ModeWish& wish, std::optional<uint32_t> input);

// Planes as single-planar V4L2 lays them out one behind the other in one buffer. Nullopt: a format that
// is none of ours.
std::optional<Agreement> agreement_of(const v4l2_pix_format& format);

}  // namespace camstream
