// The `camera` addon: what only the producer needs. packages/core/src/native/addon-types.ts is its
// description; here is the list of names.
#include <napi.h>

#include "base/clock.h"
#include "binding/capture_binding.h"
#include "binding/conversion_binding.h"
#include "binding/js_error.h"
#include "binding/native_options.h"
#include "binding/picture_code_binding.h"
#include "binding/ring_writer_binding.h"

namespace camstream {
namespace {

// One per environment, so that the addon works in several workers.
struct Constructors {
  Napi::FunctionReference capture;
  Napi::FunctionReference conversion;
  Napi::FunctionReference ring_writer;
};

Constructors& constructors(Napi::Env env) { return *env.GetInstanceData<Constructors>(); }

Napi::Value start_capture(const Napi::CallbackInfo& info) {
  return CaptureBinding::start(info, constructors(info.Env()).capture);
}

Napi::Value start_conversion(const Napi::CallbackInfo& info) {
  return ConversionBinding::start(info, constructors(info.Env()).conversion, constructors(info.Env()).capture);
}

Napi::Value create_ring(const Napi::CallbackInfo& info) {
  return RingWriterBinding::create(info, constructors(info.Env()).ring_writer);
}

Napi::Value monotonic_now(const Napi::CallbackInfo& info) { return Napi::BigInt::New(info.Env(), monotonic_ns()); }

Napi::Object init(Napi::Env env, Napi::Object exports) {
  auto* made = new Constructors{Napi::Persistent(CaptureBinding::define(env)),
                                Napi::Persistent(ConversionBinding::define(env)),
                                Napi::Persistent(RingWriterBinding::define(env))};
  env.SetInstanceData(made);
  exports.Set("startCapture", Napi::Function::New(env, start_capture, "startCapture"));
  exports.Set("startConversion", Napi::Function::New(env, start_conversion, "startConversion"));
  exports.Set("createRing", Napi::Function::New(env, create_ring, "createRing"));
  exports.Set("readBlockCode", Napi::Function::New(env, read_block_code, "readBlockCode"));
  exports.Set("checkRows", Napi::Function::New(env, check_rows, "checkRows"));
  exports.Set("monotonicNs", Napi::Function::New(env, monotonic_now, "monotonicNs"));
  return exports;
}

}  // namespace
}  // namespace camstream

static Napi::Object init(Napi::Env env, Napi::Object exports) { return camstream::init(env, exports); }
NODE_API_MODULE(camera, init)
