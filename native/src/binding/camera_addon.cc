// The `camera` addon: what only the producer needs. packages/core/src/native/addon-types.ts is its
// description; here is the list of names.
#include <napi.h>

#include "base/clock.h"
#include "binding/addon_data.h"
#include "binding/capture_binding.h"
#include "binding/conversion_binding.h"
#include "binding/feeder_binding.h"
#include "binding/device_binding.h"
#include "binding/jpeg_encoder_binding.h"
#include "binding/picture_code_binding.h"
#include "binding/ring_writer_binding.h"
#include "binding/socket_binding.h"

namespace camstream {
namespace {

Napi::Value start_capture(const Napi::CallbackInfo& info) { return CaptureBinding::start(info); }

Napi::Value start_conversion(const Napi::CallbackInfo& info) { return ConversionBinding::start(info); }

Napi::Value start_feeder(const Napi::CallbackInfo& info) { return FeederBinding::start(info); }

Napi::Value create_jpeg_encoder(const Napi::CallbackInfo& info) { return JpegEncoderBinding::create(info); }

Napi::Value create_ring(const Napi::CallbackInfo& info) { return RingWriterBinding::create(info); }

Napi::Value monotonic_now(const Napi::CallbackInfo& info) {
  return Napi::BigInt::New(info.Env(), monotonic_ns());
}

void close_all(const Napi::CallbackInfo& info) {
  auto& open = AddonData::of(info.Env()).open;
  while (!open.empty()) (*open.begin())->close_now();
}

void close_all_at_exit(Napi::Env env) {
  const auto process = env.Global().Get("process").As<Napi::Object>();
  process.Get("on").As<Napi::Function>().Call(
      process, {Napi::String::New(env, "exit"), Napi::Function::New(env, close_all, "closeRings")});
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  auto* data = new AddonData;
  env.SetInstanceData(data);
  data->capture = Napi::Persistent(CaptureBinding::define(env));
  data->conversion = Napi::Persistent(ConversionBinding::define(env));
  data->feeder = Napi::Persistent(FeederBinding::define(env));
  data->jpeg_encoder = Napi::Persistent(JpegEncoderBinding::define(env));
  data->ring_writer = Napi::Persistent(RingWriterBinding::define(env));
  close_all_at_exit(env);
  exports.Set("startCapture", Napi::Function::New(env, start_capture, "startCapture"));
  exports.Set("startConversion", Napi::Function::New(env, start_conversion, "startConversion"));
  exports.Set("startFeeder", Napi::Function::New(env, start_feeder, "startFeeder"));
  exports.Set("listCameras", Napi::Function::New(env, list_cameras_off_loop, "listCameras"));
  exports.Set("cameraControls", Napi::Function::New(env, controls_off_loop, "cameraControls"));
  exports.Set("createJpegEncoder", Napi::Function::New(env, create_jpeg_encoder, "createJpegEncoder"));
  exports.Set("createRing", Napi::Function::New(env, create_ring, "createRing"));
  exports.Set("readBlockCode", Napi::Function::New(env, read_block_code, "readBlockCode"));
  exports.Set("checkRows", Napi::Function::New(env, check_rows, "checkRows"));
  exports.Set("limitUnsent", Napi::Function::New(env, limit_unsent, "limitUnsent"));
  exports.Set("monotonicNs", Napi::Function::New(env, monotonic_now, "monotonicNs"));
  return exports;
}

}  // namespace
}  // namespace camstream

static Napi::Object init(Napi::Env env, Napi::Object exports) { return camstream::init(env, exports); }
NODE_API_MODULE(camera, init)
