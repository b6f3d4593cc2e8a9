#include "capture/v4l2_messages.h"

#include <cstdio>

namespace camstream {
namespace {

std::string name_of(const V4l2Device& device) { return device.path() + " (" + device.card() + ")"; }

}  // namespace

std::string text_of(const V4l2Device& device, const Agreement& agreement) {
  const FrameLayout& layout = agreement.layout;
  char number[48];
  std::snprintf(number, sizeof number, ", %ux%u ", layout.width, layout.height);
  std::string text = name_of(device) + number + coding_name(agreement.choice.mode.fourcc);
  if (layout.rate_numerator == 0) return text;
  std::snprintf(number, sizeof number, " %.6g/s",
                static_cast<double>(layout.rate_numerator) / layout.rate_denominator);
  return text + number;
}

Error stalled(const V4l2Device& device, uint64_t silence_ns) {
  char silence[32];
  std::snprintf(silence, sizeof silence, "%.3g s", static_cast<double>(silence_ns) / 1e9);
  return {"CAMERA_STALLED", "the camera " + name_of(device) + " has given no frame for " + silence +
                                ". It is started anew; look at cable, power and USB bandwidth."};
}

Error signal_changed(const V4l2Device& device) {
  return {"DEVICE_SIGNAL_CHANGED",
          "the signal at the input of " + name_of(device) + " has changed; the camera is opened anew"};
}

Error damaged_picture(const V4l2Device& device, const std::string& damage) {
  return {"DEVICE_PICTURE", name_of(device) + " has sent a picture that cannot be shown: " + damage +
                                ". Such pictures are left out and counted (framesCorrupt). If there are "
                                "many, look at cable, power and USB bandwidth."};
}

Error short_of_wish(const V4l2Device& device, const ModeChoice& choice) {
  return {"DEVICE_MODE", name_of(device) + " cannot give " + choice.shortfall +
                             ", which is wanted of it: it gives " + text_of(choice.mode) +
                             ". `camstream-producer devices` lists what it can."};
}

}  // namespace camstream
