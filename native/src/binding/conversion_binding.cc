#include "binding/conversion_binding.h"

#include "binding/capture_binding.h"
#include "binding/native_options.h"

namespace camstream {
namespace {

Fit fit_of(const Napi::Object& options) {
  const std::string fit = text_of(options, "fit");
  if (fit == "stretch") return Fit::kStretch;
  if (fit == "contain") return Fit::kContain;
  if (fit == "cover") return Fit::kCover;
  throw Napi::TypeError::New(options.Env(), "option `fit`: wanted stretch, contain or cover, found " + fit);
}

ConversionRequest request_of(const Napi::Object& options) {
  ConversionRequest request;
  request.rate = rate_of(options, "rate");
  request.picture.format = format_of(options, "format");
  request.picture.width = number_of(options, "width");
  request.picture.height = number_of(options, "height");
  request.picture.fit = fit_of(options);
  request.picture.mirror = flag_of(options, "mirror");
  request.picture.rotate = number_of(options, "rotate");
  if (const Napi::Value crop = options.Get("crop"); crop.IsObject()) {
    const auto rect = crop.As<Napi::Object>();
    request.picture.crop =
        Rect{number_of(rect, "x"), number_of(rect, "y"), number_of(rect, "width"), number_of(rect, "height")};
  }
  return request;
}

}  // namespace

Napi::Function ConversionBinding::define(Napi::Env env) {
  return DefineClass(env, "NativeConversion",
                     {InstanceMethod<&ConversionBinding::set_active>("setActive"),
                      InstanceMethod("close", &ConversionBinding::close),
                      InstanceMethod<&ConversionBinding::status>("status"),
                      InstanceMethod("info", &ConversionBinding::info)});
}

Napi::Value ConversionBinding::start(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const bool is_capture =
      info[0].IsObject() && info[0].As<Napi::Object>().InstanceOf(AddonData::of(env).capture.Value());
  if (!is_capture || !info[1].IsObject() || !info[2].IsObject() || !info[3].IsFunction()) {
    throw Napi::TypeError::New(
        env,
        "startConversion(from, conversion, ring, onEvent): wanted a capture, two objects and a function");
  }
  const auto source = CaptureBinding::Unwrap(info[0].As<Napi::Object>())->ring();
  if (!source)
    throw Napi::TypeError::New(env, "startConversion(from): wanted a capture made by startCapture()");
  const ConversionRequest request = request_of(info[1].As<Napi::Object>());
  const RingHostOptions ring = ring_options_of(info[2].As<Napi::Object>());
  const auto started = Napi::Promise::Deferred::New(env);
  ConversionBinding* self = Unwrap(AddonData::of(env).conversion.New({}));
  self->run(env, info[3].As<Napi::Function>(), started, source, request, ring);
  return started.Promise();
}

void ConversionBinding::set_active(const Napi::CallbackInfo& info) {
  if (!info[0].IsBoolean()) throw Napi::TypeError::New(info.Env(), "setActive(active): wanted true or false");
  loop(info.Env()).set_active(info[0].As<Napi::Boolean>().Value());
}

Napi::Value ConversionBinding::status(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const ConversionCounters& counters = loop(env).counters();
  Napi::Object status = status_of_ring(env);
  status.Set("converted", static_cast<double>(counters.converted.load()));
  status.Set("skipped", static_cast<double>(counters.skipped.load()));
  status.Set("missed", static_cast<double>(counters.missed.load()));
  status.Set("convertNsTotal", static_cast<double>(counters.convert_ns.load()));
  return status;
}

}  // namespace camstream
