// Why a camera gives fewer pictures than was agreed, as far as it can be known.
#pragma once

#include <string>
#include <vector>

#include "capture/v4l2_controls.h"
#include "capture/v4l2_device.h"
#include "capture/v4l2_modes.h"

namespace camstream {

// The notice CAMERA_SLOW: `hertz` of what `mode` says come, and whether exposure explains it.
Error slow_camera(const V4l2Device& device, const V4l2Mode& mode, double hertz);

// What explains it, of a camera with these controls that agreed on `hertz`; and what to do.
std::string why_slow(const std::vector<V4l2Control>& controls, double hertz);

}  // namespace camstream
