// What is done about a camera that can be opened and gives no frames: counts its failures, takes one step
// after the other (v4l2_recovery.h), tells each, and resets the USB device when its turn has come.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "capture/v4l2_recovery.h"

namespace camstream {

class V4l2Care {
 public:
  // Resets the USB device that this folder of sysfs is.
  using Reset = std::function<Status(const std::string& folder)>;
  using Tell = std::function<void(Error notice)>;

  V4l2Care(Reset reset, Tell tell) : reset_(std::move(reset)), tell_(std::move(tell)) {}

  // The step to take now. What is no hang (it is gone, in use, has another signal) takes none: it is opened
  // again. The last one is told once.
  RecoveryStep failed(const Error& reason);
  // Before a camera is opened: `folder` is asked for only if its USB device is to be reset, and that once; an
  // empty one is no USB device. A refusal is told.
  void before_open(const std::function<std::string()>& folder);
  // A frame has come: the next failure begins with the first step.
  void frame_came() { recovery_.reset(); }

  // What opening has to do differently now.
  bool wants_mmap() const { return recovery_.wants_mmap(); }
  bool wants_other_mode() const { return recovery_.wants_other_mode(); }

 private:
  const Reset reset_;
  const Tell tell_;
  V4l2Recovery recovery_;
  bool reset_is_due_ = false;
  RecoveryStep told_ = RecoveryStep::kRestart;
};

}  // namespace camstream
