// Reads the carrier out of a child's pipe: what there is, and never beyond one message. A picture goes
// straight from the pipe to where it is wanted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "capture/carrier.h"

namespace camstream {

class CarrierReader {
 public:
  // `fd`: non-blocking; it stays with whoever has the child.
  explicit CarrierReader(int fd) : fd_(fd) {}

  enum class Got {
    kNothing,  // all that was there has been read
    kFormat,   // layout() is new
    kFrame,    // a whole picture is in the room; head() describes it
    kFault,    // head().flags and text()
    kNotice,   // text()
    kEnd,      // the pipeline's own end
    kClosed,   // the pipe's end, without such a word
    kNoRoom,   // a picture waits
  };
  // `room`: where a picture of layout() goes, the same one in each call until kFrame or drop_frame(); null:
  // nowhere yet. Errors: GST_CARRIER (these bytes are no carrier's), GST_SYSTEM.
  Result<Got> read(uint8_t* room);

  // Bytes of a picture are in the room, and it is not whole.
  bool inside_frame() const { return is_frame() && !dropping_ && taken_ > 0; }
  // The rest of the picture under way goes nowhere.
  void drop_frame() { dropping_ = dropping_ || inside_frame(); }

  const FrameLayout& layout() const { return layout_; }  // payload_size 0: no format yet
  const CarrierHead& head() const { return head_; }
  const std::string& text() const { return text_; }

 private:
  enum class Filled { kWhole, kNotYet, kClosed };

  bool is_frame() const { return head_whole_ && head_.kind == CarrierKind::kFrame; }
  std::optional<Error> wrong_head() const;
  Result<Filled> fill_body(uint8_t* room);
  Result<Filled> fill(uint8_t* into, uint64_t size);
  Result<Filled> skip(uint64_t size);
  Result<Got> finish();

  int fd_;
  CarrierHead head_;
  bool head_whole_ = false;
  uint64_t taken_ = 0;  // of the head, or of the body
  bool dropping_ = false;
  CarrierFormat format_{};
  FrameLayout layout_;
  std::string text_;
};

}  // namespace camstream
