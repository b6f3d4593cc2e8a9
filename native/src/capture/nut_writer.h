// Raw pictures as a NUT stream (https://git.ffmpeg.org/gitweb/nut.git, docs/nut.txt), for an ffmpeg that
// reads them from a pipe: the one container for raw pictures in which each has its own time.
//
//   file id | main header | stream header | info (nominal rate) | syncpoint | frame | frame | ...
//
// Times are microseconds. A pipe cannot be searched, so there is one syncpoint, as version 4 with its flag
// PIPE allows: ffmpeg keeps a note of every one it reads, for ever. The same goes for key frames in its
// index; only the first frame is flagged as one, which a decoder of raw pictures does not care about.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "capture/frame_rate.h"
#include "pixels/pixel_format.h"

namespace camstream {

// What ffmpeg calls pictures of the layout, if they can be fed: planar 4:2:0 without padding, or JPEG.
std::optional<const char*> nut_fourcc(const FrameLayout& layout);

// Everything in front of the first frame. `layout` has a nut_fourcc(); a rate of 0 is left out.
std::vector<uint8_t> nut_header(const FrameLayout& layout, FrameRate rate, uint64_t first_us);

// What stands in front of each frame's bytes.
std::vector<uint8_t> nut_frame_header(uint64_t time_us, uint64_t bytes, bool first);

}  // namespace camstream
