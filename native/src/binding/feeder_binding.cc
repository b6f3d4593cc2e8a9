#include "binding/feeder_binding.h"

#include "base/clock.h"
#include "binding/capture_binding.h"
#include "binding/conversion_binding.h"
#include "binding/js_error.h"
#include "binding/native_options.h"

namespace camstream {
namespace {

// The ring of a capture or of a conversion; null: anything else.
std::shared_ptr<const SharedRing> ring_of(const Napi::Value& from) {
  if (!from.IsObject()) return nullptr;
  const auto object = from.As<Napi::Object>();
  const AddonData& data = AddonData::of(from.Env());
  if (object.InstanceOf(data.conversion.Value())) return ConversionBinding::Unwrap(object)->ring();
  if (object.InstanceOf(data.capture.Value())) return CaptureBinding::Unwrap(object)->ring();
  return nullptr;
}

Napi::Object began_object(Napi::Env env, const FeedStart& start) {
  Napi::Object event = Napi::Object::New(env);
  event.Set("kind", "began");
  event.Set("width", start.layout.width);
  event.Set("height", start.layout.height);
  event.Set("format", std::string(name_of(static_cast<PixelFormat>(start.layout.fourcc))));
  event.Set("matrix", static_cast<uint32_t>(start.layout.matrix));
  event.Set("primaries", static_cast<uint32_t>(start.layout.primaries));
  event.Set("range", static_cast<uint32_t>(start.layout.range));
  event.Set("rate", start.rate.numerator == 0 ? 0.0 : start.rate.hertz());
  event.Set("capturedAtNs", Napi::BigInt::New(env, start.captured_ns));
  event.Set("epochNs", Napi::BigInt::New(env, start.epoch_ns));
  return event;
}

Napi::Object over_object(Napi::Env env, const Error& error) {
  Napi::Object event = Napi::Object::New(env);
  event.Set("kind", "over");
  event.Set("code", error.code);
  event.Set("message", error.message);
  return event;
}

double age_ms(uint64_t since_ns) {
  return since_ns == 0 ? 0 : static_cast<double>(monotonic_ns() - since_ns) / 1e6;
}

}  // namespace

Napi::Function FeederBinding::define(Napi::Env env) {
  return DefineClass(env, "NativeFeeder",
                     {InstanceMethod<&FeederBinding::reading_end>("readingEnd"),
                      InstanceMethod<&FeederBinding::hand_over>("handOver"),
                      InstanceMethod<&FeederBinding::set_rate>("setRate"),
                      InstanceMethod<&FeederBinding::take>("take"),
                      InstanceMethod<&FeederBinding::status>("status"),
                      InstanceMethod<&FeederBinding::close>("close")});
}

Napi::Value FeederBinding::start(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto source = ring_of(info[0]);
  if (!source || !info[1].IsObject() || !info[2].IsFunction()) {
    throw Napi::TypeError::New(
        env, "startFeeder(from, options, onEvent): wanted a capture or conversion, an object and a function");
  }
  const auto options = info[1].As<Napi::Object>();
  FeedRequest request;
  request.rate = rate_of(options, "rate");
  request.grid_ns = uint64_t{number_of(options, "gridMs")} * 1'000'000;
  if (request.grid_ns == 0) throw Napi::TypeError::New(env, "option `gridMs`: wanted 1 or more, found 0");
  FeederBinding* self = Unwrap(AddonData::of(env).feeder.New({}));
  self->run(info[2].As<Napi::Function>(), source, request);
  return self->Value();
}

void FeederBinding::run(Napi::Function on_event, std::shared_ptr<const SharedRing> source,
                        const FeedRequest& request) {
  AddonData::of(Env()).open.insert(this);
  Ref();  // until ended()
  channel_ = EventChannel::open(Env(), on_event);
  const auto began = [channel = channel_](const FeedStart& start) {
    channel->post(
        [start](Napi::Env env, Napi::Function listener) { listener.Call({began_object(env, start)}); });
  };
  const auto over = [channel = channel_](Error error) {
    channel->post(
        [error](Napi::Env env, Napi::Function listener) { listener.Call({over_object(env, error)}); });
  };
  feeder_ = std::make_unique<FrameFeeder>(std::move(source), request, began, over);
}

Napi::Value FeederBinding::reading_end(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), feeder(info.Env()).reading_end());
}

void FeederBinding::hand_over(const Napi::CallbackInfo& info) { feeder(info.Env()).hand_over(); }

void FeederBinding::set_rate(const Napi::CallbackInfo& info) {
  Napi::Object options = Napi::Object::New(info.Env());
  options.Set("rate", info[0]);
  feeder(info.Env()).set_rate(rate_of(options, "rate"));
}

Napi::Value FeederBinding::take(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsNumber()) throw Napi::TypeError::New(env, "take(timeMs): wanted a number");
  const auto frame = feeder(env).fed().take(info[0].As<Napi::Number>().Uint32Value());
  if (!frame) return env.Undefined();
  Napi::Object object = Napi::Object::New(env);
  object.Set("sequence", static_cast<double>(frame->sequence));
  object.Set("capturedAtNs", Napi::BigInt::New(env, frame->captured_ns));
  return object;
}

Napi::Value FeederBinding::status(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  FrameFeeder& feeder = this->feeder(env);
  const FeedCounters& counters = feeder.counters();
  const FedFrames::Pending pending = feeder.fed().pending();
  Napi::Object status = Napi::Object::New(env);
  status.Set("framesIn", static_cast<double>(counters.fed.load()));
  status.Set("skipped", static_cast<double>(counters.picked.skipped.load()));
  status.Set("dropped", static_cast<double>(counters.picked.missed.load()));
  status.Set("pending", static_cast<double>(pending.count));
  status.Set("lost", static_cast<double>(pending.lost));
  status.Set("oldestMs", age_ms(pending.oldest_ns));
  status.Set("writingMs", age_ms(counters.writing_since_ns.load()));
  status.Set("loansRefused", counters.loans_refused.load());
  return status;
}

Napi::Value FeederBinding::close(const Napi::CallbackInfo& info) {
  const auto closed = Napi::Promise::Deferred::New(info.Env());
  if (!feeder_) {
    closed.Resolve(info.Env().Undefined());
    return closed.Promise();
  }
  closing_.push_back(closed);
  feeder_->stop(
      [this, channel = channel_] { channel->post([this](Napi::Env, Napi::Function) { ended(); }); });
  return closed.Promise();
}

void FeederBinding::close_now() {
  AddonData::of(Env()).open.erase(this);
  feeder_.reset();
  channel_->close();
}

void FeederBinding::ended() {
  close_now();
  for (const auto& waiting : closing_) waiting.Resolve(Env().Undefined());
  closing_.clear();
  Unref();
}

FrameFeeder& FeederBinding::feeder(Napi::Env env) const {
  if (!feeder_) throw js_error(env, {"CAPTURE_CLOSED", "this feeder was closed by its own close()"});
  return *feeder_;
}

}  // namespace camstream
