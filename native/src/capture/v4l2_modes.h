// What a camera offers: raw formats of ours with their sizes and rates, and the choice among them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "capture/frame_rate.h"
#include "capture/v4l2_device.h"
#include "pixels/pixel_format.h"

namespace camstream {

struct V4l2Mode {
  PixelFormat format = PixelFormat::kYuyv;
  uint32_t width = 0;
  uint32_t height = 0;
  FrameRate rate;  // numerator 0: the driver does not say
};

// What is asked for; zeros and nothing leave the choice to choose_mode().
struct ModeWish {
  uint32_t width = 0;
  uint32_t height = 0;
  FrameRate rate{};
  std::optional<PixelFormat> format{};
};

struct V4l2Offer {
  std::vector<V4l2Mode> modes;
  std::string others;  // fourccs that we do not know: "MJPG, H264"
};

// Steps and ranges are offered as the wished size and rate (if they fit) and the usual ones.
V4l2Offer list_modes(const V4l2Device& device, const ModeWish& wish);

// Among the modes that grant the wish: one that moves (24/s or more), as large as possible up to
// 1920x1080, as fast as possible up to 60/s, in the format that costs least.
std::optional<V4l2Mode> choose_mode(const std::vector<V4l2Mode>& modes, const ModeWish& wish);

// For messages: "640x480 yuyv at 30/s".
std::string text_of(const ModeWish& wish);
std::string text_of(const V4l2Offer& offer);

bool same_rate(const FrameRate& a, const FrameRate& b);  // to 1 %: drivers count in whole microseconds

}  // namespace camstream
