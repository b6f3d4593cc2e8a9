#include "capture/v4l2_care.h"

#include <utility>

namespace camstream {

RecoveryStep V4l2Care::failed(const Error& reason) {
  if (reason.code != "CAMERA_STALLED" && reason.code != "DEVICE_SYSTEM") return RecoveryStep::kReopen;
  const RecoveryStep step = recovery_.next();
  reset_is_due_ = step == RecoveryStep::kUsbReset;
  const bool told = std::exchange(told_, step) == step && step == RecoveryStep::kGivenUp;
  if (!told) tell_({"CAMERA_RECOVERY", reason.message + " Now " + text_of(step) + "."});
  return step;
}

void V4l2Care::before_open(const std::function<std::string()>& folder) {
  if (!std::exchange(reset_is_due_, false)) return;
  const std::string device = folder();
  if (device.empty()) return;
  if (Status reset = reset_(device); !reset) tell_(reset.error());
}

}  // namespace camstream
