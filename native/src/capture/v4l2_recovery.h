// What is tried, in which order, when a camera can be opened and gives no frames. Each step is taken once;
// then only the back-off is left, with the camera opened as at first. A frame that comes begins it all anew.
#pragma once

#include <cstdint>

namespace camstream {

enum class RecoveryStep : uint32_t {
  kRestart,    // STREAMOFF and STREAMON
  kReopen,     // close and open
  kMmap,       // the driver's own buffers in place of USERPTR
  kOtherMode,  // another size or format, where the configuration leaves one open
  kUsbReset,   // as if it had been unplugged, where we may
  kGivenUp,    // opened again and again, as at first
};

class V4l2Recovery {
 public:
  // The step to take now, after a failure.
  RecoveryStep next() {
    const RecoveryStep step = next_;
    if (next_ != RecoveryStep::kGivenUp) next_ = static_cast<RecoveryStep>(static_cast<uint32_t>(next_) + 1);
    return current_ = step;
  }
  void reset() { next_ = current_ = RecoveryStep::kRestart; }

  // What opening has to do differently now.
  bool wants_mmap() const { return current_ >= RecoveryStep::kMmap && current_ < RecoveryStep::kGivenUp; }
  bool wants_other_mode() const { return current_ == RecoveryStep::kOtherMode; }

 private:
  RecoveryStep next_ = RecoveryStep::kRestart;
  RecoveryStep current_ = RecoveryStep::kRestart;
};

// For people: "it is closed and opened again".
const char* text_of(RecoveryStep step);

}  // namespace camstream
