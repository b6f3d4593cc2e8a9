// The text of a pipeline as the child is given it: what somebody wrote, and our end of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "capture/frame_rate.h"
#include "pixels/pixel_format.h"

namespace camstream {

// 0 and none: as the pipeline gives it.
struct PipelineWish {
  uint32_t width = 0;
  uint32_t height = 0;
  FrameRate rate{};
  std::optional<PixelFormat> format{};
};

// `pipeline` with an end that takes raw video of one of our formats, converted where it gives none of them,
// and of the size and rate wished, which it must give by itself: nothing is scaled.
std::string pipeline_text(const std::string& pipeline, const PipelineWish& wish);

// `backend: gstreamer`: the pipeline of a device, to be given to pipeline_text().
std::string device_pipeline(const std::string& device);

// As caps have it: ",width=(int)1280,height=(int)720,framerate=(fraction)30/1".
std::string shape_of(const PipelineWish& wish);

// "1280x720 nv12 at 30/s"; empty: nothing is wished.
std::string text_of(const PipelineWish& wish);

}  // namespace camstream
