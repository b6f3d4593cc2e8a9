// What a video file holds, asked of ffprobe.
#pragma once

#include <atomic>
#include <string>

#include "base/result.h"
#include "capture/frame_rate.h"
#include "pixels/pixel_format.h"

namespace camstream {

struct FileProbe {
  uint32_t width = 0;  // as shown: a rotation that the file asks for is taken into account
  uint32_t height = 0;
  FrameRate rate;      // the average one; 25/s where the file has none (a still picture)
  std::string pixels;  // ffmpeg's pix_fmt
  bool rgb = false;
  Matrix matrix = Matrix::kBt601;
  Primaries primaries = Primaries::kUnspecified;
  Range range = Range::kLimited;
};

// Takes as long as the file makes ffprobe wait, but not beyond `given_up`. Errors: FILE_NOT_FOUND,
// FILE_PERMISSION, FILE_NO_VIDEO, FFMPEG_MISSING, CHILD_SYSTEM.
Result<FileProbe> probe_file(const std::string& ffmpeg, const std::string& path,
                             const std::atomic<bool>& given_up);

// ffprobe's answer, one key=value a line. Width 0: there is no video in it.
FileProbe parse_probe(const std::string& answer);

}  // namespace camstream
