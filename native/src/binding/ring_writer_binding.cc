#include "binding/ring_writer_binding.h"

#include <cstring>

#include "base/clock.h"
#include "binding/js_error.h"
#include "binding/native_options.h"
#include "binding/ring_info.h"
#include "capture/v4l2_agreement.h"

namespace camstream {

Napi::Function RingWriterBinding::define(Napi::Env env) {
  return DefineClass(
      env, "NativeRingWriter",
      {InstanceMethod<&RingWriterBinding::publish>("publish"),
       InstanceMethod<&RingWriterBinding::set_state>("setState"),
       InstanceMethod<&RingWriterBinding::status>("status"), InstanceMethod<&RingWriterBinding::info>("info"),
       InstanceMethod<&RingWriterBinding::close>("close")});
}

namespace {

// Of raw pictures, or of a camera's JPEGs as its track keeps them.
FrameLayout layout_of(const Napi::Object& layout) {
  if (text_of(layout, "format") != "mjpeg") return packed_layout_of(layout);
  constexpr uint32_t kMjpg = 0x47504a4d;
  const uint32_t width = number_of(layout, "width"), height = number_of(layout, "height");
  return compressed_layout(kMjpg, width, height, uint64_t{2} * width * height);
}

}  // namespace

Napi::Value RingWriterBinding::create(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsObject() || !info[1].IsObject()) {
    throw Napi::TypeError::New(env, "createRing(ring, layout): wanted two objects");
  }
  RingHostOptions options = ring_options_of(info[0].As<Napi::Object>());
  const auto layout = info[1].As<Napi::Object>();
  options.layout = layout_of(layout);
  const FrameRate rate = rate_of(layout, "rate");
  options.layout.rate_numerator = rate.numerator;
  options.layout.rate_denominator = rate.denominator;
  options.layout.matrix =
      static_cast<Matrix>(number_or(layout, "matrix", static_cast<uint32_t>(options.layout.matrix)));
  options.layout.range =
      static_cast<Range>(number_or(layout, "range", static_cast<uint32_t>(options.layout.range)));
  auto host = RingHost::open(options);
  if (!host) throw js_error(env, host.error());
  return AddonData::of(env).ring_writer.New({Napi::External<std::unique_ptr<RingHost>>::New(env, &*host)});
}

RingWriterBinding::RingWriterBinding(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  if (info.Length() != 1 || !info[0].IsExternal()) {
    throw Napi::TypeError::New(info.Env(), "use createRing() to make a NativeRingWriter");
  }
  host_ = std::move(*info[0].As<Napi::External<std::unique_ptr<RingHost>>>().Data());
  host_->set_state(RingState::kLive);
  AddonData::of(info.Env()).open.insert(this);
  Ref();
}

Napi::Value RingWriterBinding::publish(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  RingHost& ring = host(env);
  if (!info[0].IsTypedArray()) throw Napi::TypeError::New(env, "publish(data): wanted a Uint8Array");
  const auto data = info[0].As<Napi::Uint8Array>();
  const uint64_t capacity = ring.geometry().payload_capacity;
  if (data.ByteLength() > capacity) {
    throw js_error(env, {"FRAME_SIZE", "publish(data): " + std::to_string(data.ByteLength()) +
                                           " bytes do not fit into a slot of ring `" + ring.options().name +
                                           "`, which holds " + std::to_string(capacity)});
  }
  FrameMeta meta;
  meta.captured_ns = monotonic_ns();
  meta.bytes_used = static_cast<uint32_t>(data.ByteLength());
  if (info[1].IsObject()) {
    const auto given = info[1].As<Napi::Object>();
    meta.flags = number_or(given, "flags", 0);
    meta.dropped_before = number_or(given, "droppedBefore", 0);
    const Napi::Value captured = given.Get("capturedAtNs");
    bool lossless = true;
    if (captured.IsBigInt()) meta.captured_ns = captured.As<Napi::BigInt>().Uint64Value(&lossless);
    if (!lossless) throw Napi::TypeError::New(env, "option `capturedAtNs`: wanted 0 to 2^64 - 1");
  }
  const auto slot = ring.begin();
  if (!slot) throw js_error(env, {"RING_SYSTEM", "ring `" + ring.options().name + "` has no free slot"});
  std::memcpy(ring.payload(*slot), data.Data(), data.ByteLength());
  const uint64_t sequence = ring.publish(*slot, meta);
  ring.tick();
  return Napi::Number::New(env, static_cast<double>(sequence));
}

void RingWriterBinding::set_state(const Napi::CallbackInfo& info) {
  RingHost& ring = host(info.Env());
  const std::string state = info[0].IsString() ? info[0].As<Napi::String>().Utf8Value() : "";
  if (state == "starting") return ring.set_state(RingState::kStarting);
  if (state == "live") return ring.set_state(RingState::kLive);
  if (state == "stalled") return ring.set_state(RingState::kStalled);
  throw Napi::TypeError::New(info.Env(), "setState(state): wanted 'starting', 'live' or 'stalled'");
}

Napi::Value RingWriterBinding::status(const Napi::CallbackInfo& info) {
  return ring_status(info.Env(), host(info.Env()).status());
}

Napi::Value RingWriterBinding::info(const Napi::CallbackInfo& info) {
  return ring_info(info.Env(), host(info.Env()).geometry());
}

void RingWriterBinding::close(const Napi::CallbackInfo&) {
  if (!host_) return;
  close_now();
  Unref();
}

void RingWriterBinding::close_now() {
  AddonData::of(Env()).open.erase(this);
  host_.reset();
}

RingHost& RingWriterBinding::host(Napi::Env env) {
  if (!host_) throw js_error(env, {"RING_CLOSED", "this ring was closed by its own close()"});
  return *host_;
}

}  // namespace camstream
