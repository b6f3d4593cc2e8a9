// NativeJpegEncoder: libturbojpeg on libuv's threads, as JavaScript holds it.
#pragma once

#include <napi.h>

#include "pixels/jpeg_encoder.h"

namespace camstream {

class JpegEncoderBinding : public Napi::ObjectWrap<JpegEncoderBinding> {
 public:
  explicit JpegEncoderBinding(const Napi::CallbackInfo& info) : ObjectWrap(info) {}
  static Napi::Function define(Napi::Env env);
  // createJpegEncoder()
  static Napi::Value create(const Napi::CallbackInfo& info);

  JpegEncoder& encoder() { return encoder_; }
  void finished() { busy_ = false; }

 private:
  Napi::Value encode(const Napi::CallbackInfo& info);

  JpegEncoder encoder_;
  bool busy_ = false;  // a thread is at work with it
};

}  // namespace camstream
