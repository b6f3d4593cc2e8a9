// Takes each picture that reaches the pipeline's end and sends it off, with the moment of its capture.
#pragma once

#include <atomic>
#include <optional>

#include "gstreamer/carrier_writer.h"
#include "gstreamer/gst_api.h"

namespace camstream {

class FrameSender {
 public:
  explicit FrameSender(CarrierWriter& writer) : writer_(writer) {}

  // The sink's `handoff` signal; on GStreamer's streaming thread, `self` a FrameSender.
  static void hand_off(gst::Object* sink, gst::Buffer* buffer, gst::Object* pad, void* self);

  // The producer is gone, or there is nothing to be sent: time to end.
  bool over() const { return over_; }

 private:
  void send(gst::Object* sink, gst::Buffer* buffer, gst::Object* pad);
  bool follow_caps(gst::Object* pad);
  bool tell_format(gst::Buffer* buffer);
  void stop_with(GstFault fault, const std::string& words);

  CarrierWriter& writer_;
  std::atomic<bool> over_{false};
  gst::Caps* caps_ = nullptr;          // those that facts_ are of
  std::optional<FrameLayout> layout_;  // by these caps
  std::optional<FrameLayout> told_;    // what the producer believes
};

}  // namespace camstream
