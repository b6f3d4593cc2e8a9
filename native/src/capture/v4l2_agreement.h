// What a camera and we have agreed on: how its pictures lie in the ring, and how they get there.
#pragma once

#include <optional>
#include <vector>

#include "capture/v4l2_driver_buffer.h"
#include "capture/v4l2_format.h"
#include "capture/v4l2_mode_choice.h"
#include "pixels/pixel_format.h"

namespace camstream {

struct Agreement {
  ModeChoice choice;
  FrameLayout layout;                // of the ring: with the driver's strides and colours
  std::optional<FrameLayout> track;  // of a ring of compressed pictures, if `layout` is that of decoded ones
  std::vector<MemoryPlane> memory;   // of a buffer, and where each piece lies in a slot
  bool dv_timings = false;           // an HDMI-like input: its source may change the size at any time

  Coding coding() const { return choice.mode.coding; }
};

// Raw pictures. Planes in one piece of memory lie one behind the other; pieces begin at pages of the slot,
// so that a driver can be given each (USERPTR). A format that is none of ours has one plane for each piece.
Agreement raw_agreement(const DriverFormat& format);

// Compressed pictures, one piece of memory each. JPEG is decoded into the ring and kept in a track beside
// it; any other coding is what the ring itself holds.
Agreement compressed_agreement(const DriverFormat& format, Coding coding);

// A ring of compressed pictures: one plane without rows, frames as long as they are.
FrameLayout compressed_layout(uint32_t fourcc, uint32_t width, uint32_t height, uint64_t most_bytes);

}  // namespace camstream
