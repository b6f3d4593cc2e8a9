// `backend: gstreamer`: a device that a pipeline reads. Found, owned by nobody else, set up and its mode
// chosen as for our own capture (v4l2_negotiate.h); then it is let go of, and `v4l2src` takes it so.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "capture/device_watch.h"
#include "capture/gst_pipeline.h"
#include "capture/v4l2_negotiate.h"
#include "capture/v4l2_opener.h"

namespace camstream {

struct GstCameraOptions {
  std::string path;  // or "id:" and a stable id
  CameraWish wish;
  std::vector<ControlWish> controls{};
  bool wait = false;  // for a device that is not there at the start
};

class GstCamera {
 public:
  explicit GstCamera(GstCameraOptions options)
      : options_(std::move(options)), opener_(options_.path, options_.controls) {}

  struct Pipeline {
    std::string text;  // without our end
    PipelineWish wish;
  };
  // Of the node that it is now. Errors: those of V4l2Opener::open(), negotiate() and V4l2Opener::set_up().
  Result<Pipeline> prepare(std::vector<Error>& notices);

  // As of a Source.
  std::optional<FrameLayout> expected_layout(const Error& missing) const;
  bool wait_for_news(uint32_t timeout_ms) { return watch_.wait(timeout_ms); }

 private:
  const GstCameraOptions options_;
  DeviceWatch watch_;
  V4l2Opener opener_;
};

// The pipeline that reads a device in that mode. JPEG is decoded by what GStreamer ranks highest: hardware
// (`v4l2jpegdec`) where it has a decoder of the machine, else `jpegdec`.
GstCamera::Pipeline camera_pipeline(const std::string& device, const V4l2Mode& mode);

}  // namespace camstream
