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

// The ring to read: a camera's, or that of another conversion.
std::shared_ptr<const SharedRing> source_ring_of(const Napi::Value& from) {
  const AddonData& addon = AddonData::of(from.Env());
  std::shared_ptr<const SharedRing> ring;
  if (from.IsObject()) {
    const auto object = from.As<Napi::Object>();
    if (object.InstanceOf(addon.capture.Value())) ring = CaptureBinding::Unwrap(object)->ring();
    else if (object.InstanceOf(addon.conversion.Value())) ring = ConversionBinding::Unwrap(object)->ring();
  }
  if (ring) return ring;
  throw Napi::TypeError::New(
      from.Env(), "startConversion(from): wanted what startCapture() or startConversion() resolved to");
}

}  // namespace

Napi::Function ConversionBinding::define(Napi::Env env) {
  return DefineClass(env, "NativeConversion",
                     {InstanceMethod<&ConversionBinding::set_active>("setActive"),
                      InstanceMethod<&ConversionBinding::set_notice>("setNotice"),
                      InstanceMethod("close", &ConversionBinding::close),
                      InstanceMethod<&ConversionBinding::status>("status"),
                      InstanceMethod("info", &ConversionBinding::info)});
}

Napi::Value ConversionBinding::start(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[1].IsObject() || !info[2].IsObject() || !info[3].IsFunction()) {
    throw Napi::TypeError::New(
        env,
        "startConversion(from, conversion, ring, onEvent): wanted a source, two objects and a function");
  }
  const auto source = source_ring_of(info[0]);
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

void ConversionBinding::set_notice(const Napi::CallbackInfo& info) {
  if (!info[0].IsString()) throw Napi::TypeError::New(info.Env(), "setNotice(text): wanted a string");
  loop(info.Env()).set_notice(info[0].As<Napi::String>().Utf8Value());
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
