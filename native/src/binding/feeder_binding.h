// NativeFeeder: the thread that feeds an encoder, as JavaScript holds it.
//
// Runs until close() or the end of the environment, and holds itself as long.
#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "binding/addon_data.h"
#include "binding/event_channel.h"
#include "capture/frame_feeder.h"

namespace camstream {

class FeederBinding : public Napi::ObjectWrap<FeederBinding>, private OpenHandle {
 public:
  static Napi::Function define(Napi::Env env);

  // startFeeder(from, options, onEvent)
  static Napi::Value start(const Napi::CallbackInfo& info);

  explicit FeederBinding(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

 private:
  void run(Napi::Function on_event, std::shared_ptr<const SharedRing> source, const FeedRequest& request);
  Napi::Value reading_end(const Napi::CallbackInfo& info);
  void hand_over(const Napi::CallbackInfo& info);
  void set_rate(const Napi::CallbackInfo& info);
  Napi::Value take(const Napi::CallbackInfo& info);
  Napi::Value status(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);
  void close_now() override;
  void ended();
  FrameFeeder& feeder(Napi::Env env) const;

  std::shared_ptr<EventChannel> channel_;
  std::vector<Napi::Promise::Deferred> closing_;
  std::unique_ptr<FrameFeeder> feeder_;  // null: not started, or closed
};

}  // namespace camstream
