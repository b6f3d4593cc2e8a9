// NativeCapture: a capture thread with its ring, as JavaScript holds it.
//
// Runs until close() or the end of the environment (worker.terminate(), process.exit()), and holds
// itself as long: a camera does not stop because a variable went out of scope.
#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "binding/event_channel.h"
#include "capture/capture_loop.h"

namespace camstream {

class CaptureBinding : public Napi::ObjectWrap<CaptureBinding> {
 public:
  static Napi::Function define(Napi::Env env);

  // Starts and returns a promise of the capture; rejects with what is wrong with source or ring.
  static Napi::Value start(const Napi::CallbackInfo& info, const Napi::FunctionReference& constructor);

  explicit CaptureBinding(const Napi::CallbackInfo& info);
  ~CaptureBinding() override;

  std::shared_ptr<const SharedRing> ring() const { return ring_; }

 private:
  Napi::Value close(const Napi::CallbackInfo& info);
  Napi::Value status(const Napi::CallbackInfo& info);
  Napi::Value info(const Napi::CallbackInfo& info);
  void run(Napi::Env env, std::unique_ptr<Source> source, RingHostOptions ring, Napi::Function on_event,
           Napi::Promise::Deferred started);
  void opened(Napi::Env env, const Status& status, Napi::Promise::Deferred started);
  void ended(Napi::Env env);

  std::shared_ptr<EventChannel> channel_;
  std::shared_ptr<const SharedRing> ring_;
  std::vector<Napi::Promise::Deferred> closing_;
  std::unique_ptr<CaptureLoop> loop_;
};

}  // namespace camstream
