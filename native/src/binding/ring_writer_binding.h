// NativeRingWriter: a ring that JavaScript fills itself.
//
// Everything happens on the JavaScript thread, which is the writer's thread of the ring. Holds itself
// until close() or the end of the environment: a ring does not vanish because a variable did.
#pragma once

#include <napi.h>

#include <memory>

#include "binding/addon_data.h"
#include "ring/ring_host.h"

namespace camstream {

class RingWriterBinding : public Napi::ObjectWrap<RingWriterBinding>, private OpenHandle {
 public:
  static Napi::Function define(Napi::Env env);

  // createRing(ring, layout)
  static Napi::Value create(const Napi::CallbackInfo& info);

  // new (external<std::unique_ptr<RingHost>>)
  explicit RingWriterBinding(const Napi::CallbackInfo& info);

 private:
  Napi::Value publish(const Napi::CallbackInfo& info);
  void set_state(const Napi::CallbackInfo& info);
  Napi::Value status(const Napi::CallbackInfo& info);
  Napi::Value info(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);
  void close_now() override;
  RingHost& host(Napi::Env env);

  std::unique_ptr<RingHost> host_;
};

}  // namespace camstream
