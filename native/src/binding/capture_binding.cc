#include "binding/capture_binding.h"

#include "binding/native_options.h"
#include "binding/source_options.h"

namespace camstream {
namespace {

const char* name_of(RingState state) {
  switch (state) {
    case RingState::kStarting: return "starting";
    case RingState::kLive: return "live";
    case RingState::kStalled: return "stalled";
    case RingState::kClosed: return "closed";
    case RingState::kPaused: return "paused";
  }
  return "closed";
}

const char* name_of(SourceIo io) {
  switch (io) {
    case SourceIo::kNone: return "none";
    case SourceIo::kMmap: return "mmap";
    case SourceIo::kUserptr: return "userptr";
  }
  return "none";
}

}  // namespace

Napi::Function CaptureBinding::define(Napi::Env env) {
  return DefineClass(
      env, "NativeCapture",
      {InstanceMethod("close", &CaptureBinding::close),
       InstanceMethod<&CaptureBinding::change_source>("changeSource"),
       InstanceMethod<&CaptureBinding::status>("status"), InstanceMethod("info", &CaptureBinding::info),
       InstanceMethod<&CaptureBinding::tracks>("tracks")});
}

Napi::Value CaptureBinding::start(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsObject() || !info[1].IsObject() || !info[2].IsFunction()) {
    throw Napi::TypeError::New(env, "startCapture(source, ring, onEvent): wanted two objects and a function");
  }
  std::unique_ptr<Source> source = make_source(info[0].As<Napi::Object>());
  const RingHostOptions ring = ring_options_of(info[1].As<Napi::Object>());
  const auto started = Napi::Promise::Deferred::New(env);
  CaptureBinding* self = Unwrap(AddonData::of(env).capture.New({}));
  self->run(env, info[2].As<Napi::Function>(), started, std::move(source), ring);
  return started.Promise();
}

Napi::Value CaptureBinding::change_source(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsObject()) throw Napi::TypeError::New(env, "changeSource(source): wanted an object");
  const auto changed = Napi::Promise::Deferred::New(env);
  loop(env).change(make_source(info[0].As<Napi::Object>()), [channel = channel(), changed](Status status) {
    channel->post([changed, status](Napi::Env env, Napi::Function) {
      if (status) return changed.Resolve(env.Undefined());
      changed.Reject(js_error(env, status.error()).Value());
    });
  });
  return changed.Promise();
}

Napi::Value CaptureBinding::status(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const CaptureLoop& capture = loop(env);
  const auto counters = capture.counters();
  Napi::Object status = status_of_ring(env);
  status.Set("state", name_of(capture.state()));
  status.Set("description", capture.description());
  status.Set("framesDropped", static_cast<double>(counters->dropped.load()));
  status.Set("framesCorrupt", static_cast<double>(counters->corrupt.load()));
  status.Set("timesEstimated", static_cast<double>(counters->estimated_time.load()));
  status.Set("io", name_of(counters->io.load()));
  Napi::Object zero_copy = Napi::Object::New(env);
  zero_copy.Set("queued", static_cast<double>(counters->pointers_queued.load()));
  zero_copy.Set("matched", static_cast<double>(counters->pointers_matched.load()));
  status.Set("zeroCopy", zero_copy);
  return status;
}

// A track whose ring is being made anew is left out.
Napi::Value CaptureBinding::tracks(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Array list = Napi::Array::New(env);
  for (const TrackRing& track : loop(env).tracks()) {
    const auto geometry = track.ring->with(
        [](RingHost* host) { return host ? std::optional(host->geometry()) : std::nullopt; });
    if (!geometry) continue;
    Napi::Object entry = Napi::Object::New(env);
    entry.Set("codec", track.codec == TrackCodec::kJpeg ? "jpeg" : "h264");
    entry.Set("ring", std::string(geometry->name, strnlen(geometry->name, sizeof geometry->name)));
    entry.Set("info", ring_info(env, *geometry));
    list.Set(list.Length(), entry);
  }
  return list;
}

}  // namespace camstream
