// Which of the machine's JPEG decoders a camera's pictures go to: the first of the programs that really
// decodes one, else libturbojpeg.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "capture/child_decoder.h"

namespace camstream {

class DecoderChoice {
 public:
  // `programs`: those that may work here, the best first.
  explicit DecoderChoice(std::vector<DecoderProgram> programs) : programs_(std::move(programs)) {}

  // Capture thread. A decoder that has been started; programs are tried on a picture of ours, each once.
  // Error: RING_SYSTEM.
  Result<std::unique_ptr<PictureDecoder>> start(const FrameLayout& layout);
  // It has failed at work: it is not taken again.
  void refuse(const Error& why);

  // "libturbojpeg (vaapi: ...)", for descriptions.
  std::string description() const;
  // What was refused since the last time and why, each once.
  std::vector<Error> take_refusals() { return std::exchange(untold_, {}); }

 private:
  std::vector<DecoderProgram> programs_;  // not refused yet; the first is in use if proven_
  bool proven_ = false;
  std::vector<std::string> refused_;  // "vaapi: reason"
  std::vector<Error> untold_;
};

// Whether it decodes a picture as libturbojpeg does. Error: JPEG_DECODER, and those of ChildProcess::start().
Status probe_decoder(const DecoderProgram& program);

}  // namespace camstream
