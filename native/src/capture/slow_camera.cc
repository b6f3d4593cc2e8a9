#include "capture/slow_camera.h"

#include <algorithm>

namespace camstream {
namespace {

constexpr double kExposureUnit = 1e-4;  // seconds; V4L2_CID_EXPOSURE_ABSOLUTE counts in 100 us

const V4l2Control* find(const std::vector<V4l2Control>& controls, uint32_t id) {
  const auto found = std::find_if(controls.begin(), controls.end(),
                                  [&](const V4l2Control& control) { return control.id == id; });
  return found == controls.end() ? nullptr : &*found;
}

}  // namespace

Error slow_camera(const V4l2Device& device, const V4l2Mode& mode, double hertz) {
  return {"CAMERA_SLOW", device.path() + " (" + device.card() + ") gives " + rate_text(frame_rate_of(hertz)) +
                             " in place of the " + rate_text(mode.rate) + " agreed on: " +
                             why_slow(list_controls(device), mode.rate.hertz()) + "."};
}

std::string why_slow(const std::vector<V4l2Control>& controls, double hertz) {
  const V4l2Control* priority = find(controls, V4L2_CID_EXPOSURE_AUTO_PRIORITY);
  if (priority && priority->value != 0) {
    return "its automatic exposure may take longer than a frame in the dark; more light, or `" +
           priority->name + "` set to false, brings the rate back";
  }
  const V4l2Control* exposure = find(controls, V4L2_CID_EXPOSURE_ABSOLUTE);
  if (exposure && static_cast<double>(exposure->value) * kExposureUnit * hertz > 1) {
    return "each picture is exposed for longer than a frame's time (`" + exposure->name + "` is " +
           std::to_string(exposure->value) + "); set it lower, or give more light";
  }
  return "look at USB bandwidth, cable, and the load of this machine";
}

}  // namespace camstream
