// One pipeline, from its text to its end.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "gstreamer/frame_sender.h"

namespace camstream {

class Pipeline {
 public:
  // `stopping`: set from a signal handler.
  Pipeline(CarrierWriter& writer, const std::atomic<bool>& stopping)
      : writer_(writer), stopping_(stopping), sender_(writer) {}

  // `text`: a pipeline that ends in `queue name=camstream-queue ! fakesink name=camstream-sink`. Plays it
  // until it ends, fails, or nobody wants its pictures; each but the last was told. False: it failed.
  bool play(const std::string& text);

 private:
  bool build(const std::string& text);
  void report_parse_error(gst::Error* error, gst::ParseContext* context);
  bool run();
  void settle(int change);
  enum class Heard { kNothing, kEnd, kFailure, kOther };
  Heard listen(gst::Object* bus);
  void report_error(gst::Message* message);
  void pass_on_warning(gst::Message* message);
  void remember_missing(gst::Message* message);

  CarrierWriter& writer_;
  const std::atomic<bool>& stopping_;
  FrameSender sender_;
  gst::Object* pipeline_ = nullptr;
  gst::Object* sink_ = nullptr;
  bool playing_ = false;
  std::string missing_;  // what decodebin and its like had no element for
  unsigned warnings_ = 0;
};

}  // namespace camstream
