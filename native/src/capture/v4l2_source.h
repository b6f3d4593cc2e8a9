// A camera: anything that Linux shows as /dev/videoN and that gives pictures.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capture/child_decoder.h"
#include "capture/source.h"
#include "capture/v4l2_controls.h"
#include "capture/v4l2_negotiate.h"
#include "capture/v4l2_transfer.h"

namespace camstream {

struct V4l2Options {
  std::string path;  // or "id:" and a stable id
  CameraWish wish;
  std::vector<ControlWish> controls{};
  V4l2Io io = V4l2Io::kAuto;  // auto: USERPTR where the driver shows that it can, MMAP otherwise
  uint32_t buffers = 0;       // that the driver has at once; 0: 4
  uint32_t stall_ms = 0;      // no frame for so long: it hangs; 0: 2 s
  bool wait = false;          // for a device that is not there at the start
  std::vector<DecoderProgram> decoders{};  // of JPEG, that may work here; the best first, before libturbojpeg
};

// Errors: those of V4l2Device and negotiate(), DEVICE_USERPTR (only if asked for it), CAMERA_STALLED,
// DEVICE_SIGNAL_CHANGED, CONTROL_*.
std::unique_ptr<Source> make_v4l2_source(V4l2Options options);

}  // namespace camstream
