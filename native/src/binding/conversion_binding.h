// NativeConversion: a conversion thread with its ring, as JavaScript holds it.
#pragma once

#include "binding/loop_binding.h"
#include "capture/conversion_loop.h"

namespace camstream {

class ConversionBinding : public LoopBinding<ConversionBinding, ConversionLoop> {
 public:
  using LoopBinding::LoopBinding;
  static Napi::Function define(Napi::Env env);

  // startConversion(from, conversion, ring, onEvent): a promise of the conversion.
  static Napi::Value start(const Napi::CallbackInfo& info);

 private:
  void set_active(const Napi::CallbackInfo& info);
  void set_notice(const Napi::CallbackInfo& info);
  Napi::Value status(const Napi::CallbackInfo& info);
};

}  // namespace camstream
