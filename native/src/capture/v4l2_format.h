// A V4L2 format in one shape for both interfaces: single-planar, where a picture is one piece of memory,
// and multi-planar, where each plane may be one of its own.
#pragma once

#include <linux/videodev2.h>

#include <array>
#include <cstdint>

#include "base/result.h"
#include "capture/v4l2_device.h"

namespace camstream {

struct DriverFormat {
  struct Memory {
    uint32_t bytes_per_line = 0;
    uint32_t size = 0;
  };
  uint32_t fourcc = 0;
  uint32_t width = 0;
  uint32_t height = 0;
  uint32_t field = V4L2_FIELD_NONE;
  uint32_t colorspace = V4L2_COLORSPACE_DEFAULT;
  uint32_t encoding = V4L2_YCBCR_ENC_DEFAULT;
  uint32_t quantization = V4L2_QUANTIZATION_DEFAULT;
  uint32_t memory_count = 1;  // pieces of memory that a buffer has
  std::array<Memory, VIDEO_MAX_PLANES> memory{};
};

// The two shapes that V4L2 has.
DriverFormat driver_format(const v4l2_pix_format& format);
DriverFormat driver_format(const v4l2_pix_format_mplane& format);

// What is set. Errors: those of V4l2Device::failure().
Result<DriverFormat> get_format(const V4l2Device& device);
// Sets fourcc, width and height, whole pictures; returns what the driver made of it.
Result<DriverFormat> set_format(const V4l2Device& device, uint32_t fourcc, uint32_t width, uint32_t height);

}  // namespace camstream
