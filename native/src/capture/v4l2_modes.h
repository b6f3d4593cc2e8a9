// What a camera offers: formats with their sizes and rates.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "capture/frame_rate.h"
#include "capture/v4l2_coding.h"
#include "capture/v4l2_device.h"

namespace camstream {

struct V4l2Mode {
  uint32_t fourcc = 0;  // the driver's
  Coding coding = Coding::kConvertible;
  uint32_t width = 0;
  uint32_t height = 0;
  FrameRate rate{};  // numerator 0: the driver does not say
};

// What is asked for, exactly; zeros and nothing leave the choice to choose_mode().
struct ModeWish {
  uint32_t width = 0;
  uint32_t height = 0;
  FrameRate rate{};
  std::string format{};  // "nv12", "mjpeg", or four letters: "NV16"
};

// The largest size and highest rate that anything made from the camera wants; zeros: no matter.
struct ModeNeeds {
  uint32_t width = 0;
  uint32_t height = 0;
  FrameRate rate{};
};

// Steps and ranges are offered as the sizes and rates that are wished and needed (if they fit) and the
// usual ones. A driver that lists no sizes offers the one that is set.
std::vector<V4l2Mode> list_modes(const V4l2Device& device, const ModeWish& wish = {},
                                 const ModeNeeds& needs = {});

// For messages: "640x480 yuyv at 30/s".
std::string text_of(const V4l2Mode& mode);
std::string text_of(const ModeWish& wish);
std::string text_of(const std::vector<V4l2Mode>& modes);
std::string rate_text(const FrameRate& rate);  // "29.97/s"

bool same_rate(const FrameRate& a, const FrameRate& b);  // to 1 %: drivers count in whole microseconds

}  // namespace camstream
