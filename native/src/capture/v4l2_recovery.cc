#include "capture/v4l2_recovery.h"

namespace camstream {

const char* text_of(RecoveryStep step) {
  switch (step) {
    case RecoveryStep::kRestart: return "its stream is stopped and started";
    case RecoveryStep::kReopen: return "it is closed and opened again";
    case RecoveryStep::kMmap: return "it is opened with the driver's own buffers (MMAP)";
    case RecoveryStep::kOtherMode: return "it is opened in another mode, if the configuration allows one";
    case RecoveryStep::kUsbReset: return "its USB device is reset, if it is one";
    case RecoveryStep::kGivenUp: return "nothing has helped; it is opened again now and then, as at first";
  }
  return "";
}

}  // namespace camstream
