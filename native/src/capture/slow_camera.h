// Why a camera gives fewer pictures than was agreed, as far as it can be known.
#pragma once

#include "capture/v4l2_device.h"
#include "capture/v4l2_modes.h"

namespace camstream {

// The notice CAMERA_SLOW: `hertz` of what `mode` says come, and whether exposure explains it.
Error slow_camera(const V4l2Device& device, const V4l2Mode& mode, double hertz);

}  // namespace camstream
