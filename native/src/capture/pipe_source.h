// `gst:PIPELINE`: whatever a GStreamer pipeline gives. A child program of ours (native/src/gstreamer) runs it
// and writes its pictures, with layout and capture time, into a pipe; the capture thread reads each one
// straight into a slot. `backend: gstreamer` has a device in the place of a pipeline.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "capture/gst_camera.h"
#include "capture/gst_pipeline.h"
#include "capture/source.h"

namespace camstream {

struct PipelineOptions {
  std::string pipeline;  // as people write it, without our end
  PipelineWish wish;
  std::string program;  // camstream-gst
  std::optional<GstCameraOptions> camera{};  // both of them are made for it, anew at each opening
};

// Errors: those of GstCamera::prepare() and of fault_error(); GST_ENDED (too soon), GST_CARRIER, GST_SYSTEM,
// CAMERA_STALLED (it gives nothing any more).
std::unique_ptr<Source> make_pipe_source(PipelineOptions options);

}  // namespace camstream
