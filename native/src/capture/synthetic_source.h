// The built-in test camera: the test picture at any size, rate and raw format, paced by absolute time.
#pragma once

#include <memory>

#include "capture/frame_rate.h"
#include "capture/source.h"

namespace camstream {

struct SyntheticOptions {
  uint32_t width = 1920;
  uint32_t height = 1080;
  FrameRate rate{60, 1};
  PixelFormat format = PixelFormat::kYuyv;
};

// open() answers SOURCE_OPTION for a size or rate outside 1 .. 8192 and 0.01 .. 1000 a second.
std::unique_ptr<Source> make_synthetic_source(const SyntheticOptions& options);

}  // namespace camstream
