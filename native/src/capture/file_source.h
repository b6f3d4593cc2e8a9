// `file:PATH`: any file that ffmpeg reads, looped, at its own rate and size unless told otherwise.
//
// A child ffmpeg decodes into a pipe; the capture thread reads each picture straight into a slot ahead
// of its time and publishes it when it is due. ffmpeg is held back by the pipe being full, so it needs
// no pacing of its own, and nothing drifts.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "capture/frame_rate.h"
#include "capture/source.h"

namespace camstream {

struct FileOptions {
  std::string path;
  uint32_t width = 0;  // 0: the file's
  uint32_t height = 0;
  FrameRate rate{};                     // numerator 0: the file's
  std::optional<PixelFormat> format{};  // none: the file's, or i420 where it is none of ours
  std::string ffmpeg = "ffmpeg";
};

// Errors: those of probe_file(), SOURCE_OPTION, FILE_ENDED (ffmpeg gave up), FILE_STALLED.
std::unique_ptr<Source> make_file_source(FileOptions options);

}  // namespace camstream
