// NativeCapture: a capture thread with its ring, as JavaScript holds it.
#pragma once

#include "binding/loop_binding.h"
#include "capture/capture_loop.h"

namespace camstream {

class CaptureBinding : public LoopBinding<CaptureBinding, CaptureLoop> {
 public:
  using LoopBinding::LoopBinding;
  static Napi::Function define(Napi::Env env);

  // startCapture(source, ring, onEvent): a promise of the capture; rejects with what is wrong with source
  // or ring.
  static Napi::Value start(const Napi::CallbackInfo& info);

 private:
  // changeSource(source): a promise; rejects with what is wrong with it, and then all stays as it was.
  Napi::Value change_source(const Napi::CallbackInfo& info);
  Napi::Value status(const Napi::CallbackInfo& info);
  Napi::Value tracks(const Napi::CallbackInfo& info);
};

}  // namespace camstream
