#include "binding/capture_binding.h"

#include "binding/js_error.h"
#include "binding/loop_event_object.h"
#include "binding/native_options.h"
#include "binding/ring_info.h"
#include "binding/source_options.h"

namespace camstream {
namespace {

const char* name_of(RingState state) {
  switch (state) {
    case RingState::kStarting: return "starting";
    case RingState::kLive: return "live";
    case RingState::kStalled: return "stalled";
    case RingState::kClosed: return "closed";
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

Napi::Error closed_error(Napi::Env env) {
  return js_error(env, {"CAPTURE_CLOSED", "this capture was closed by its own close()"});
}

}  // namespace

Napi::Function CaptureBinding::define(Napi::Env env) {
  return DefineClass(env, "NativeCapture",
                     {InstanceMethod<&CaptureBinding::close>("close"), InstanceMethod<&CaptureBinding::status>("status"),
                      InstanceMethod<&CaptureBinding::info>("info")});
}

Napi::Value CaptureBinding::start(const Napi::CallbackInfo& info, const Napi::FunctionReference& constructor) {
  const Napi::Env env = info.Env();
  if (!info[0].IsObject() || !info[1].IsObject() || !info[2].IsFunction()) {
    throw Napi::TypeError::New(env, "startCapture(source, ring, onEvent): wanted two objects and a function");
  }
  std::unique_ptr<Source> source = make_source(info[0].As<Napi::Object>());
  const RingHostOptions ring = ring_options_of(info[1].As<Napi::Object>());
  const auto started = Napi::Promise::Deferred::New(env);
  CaptureBinding* self = Unwrap(constructor.New({}));
  self->run(env, std::move(source), ring, info[2].As<Napi::Function>(), started);
  return started.Promise();
}

CaptureBinding::CaptureBinding(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

// At the end of the environment, if close() was never called. The thread's last words are dropped.
CaptureBinding::~CaptureBinding() = default;

void CaptureBinding::run(Napi::Env env, std::unique_ptr<Source> source, RingHostOptions ring,
                         Napi::Function on_event, Napi::Promise::Deferred started) {
  Ref();  // until ended(); tasks on the channel may therefore use `this`
  channel_ = EventChannel::open(env, on_event);
  const auto opened = [this, channel = channel_, started](Status status) {
    channel->post([this, status, started](Napi::Env env, Napi::Function) { this->opened(env, status, started); });
  };
  const auto events = [channel = channel_](LoopEvent event) {
    channel->post([event](Napi::Env env, Napi::Function listener) { listener.Call({loop_event_object(env, event)}); });
  };
  loop_ = std::make_unique<CaptureLoop>(std::move(source), std::move(ring), opened, events);
  ring_ = loop_->ring();
}

void CaptureBinding::opened(Napi::Env env, const Status& status, Napi::Promise::Deferred started) {
  if (status) return started.Resolve(Value());
  ended(env);
  started.Reject(js_error(env, status.error()).Value());
}

// The thread has nothing more to say.
void CaptureBinding::ended(Napi::Env env) {
  loop_.reset();
  channel_->close();
  for (const auto& waiting : closing_) waiting.Resolve(env.Undefined());
  closing_.clear();
  Unref();
}

Napi::Value CaptureBinding::close(const Napi::CallbackInfo& info) {
  const auto closed = Napi::Promise::Deferred::New(info.Env());
  if (!loop_) {
    closed.Resolve(info.Env().Undefined());
    return closed.Promise();
  }
  closing_.push_back(closed);
  loop_->stop([this, channel = channel_] {
    channel->post([this](Napi::Env env, Napi::Function) { ended(env); });
  });
  return closed.Promise();
}

Napi::Value CaptureBinding::status(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!loop_) throw closed_error(env);
  const RingHostStatus ring = ring_->with([](RingHost* host) { return host ? host->status() : RingHostStatus{}; });
  Napi::Object status = ring_status(env, ring);
  const SourceCounters& counters = loop_->counters();
  status.Set("state", name_of(loop_->state()));
  status.Set("description", loop_->description());
  status.Set("framesDropped", static_cast<double>(counters.dropped.load()));
  status.Set("framesCorrupt", static_cast<double>(counters.corrupt.load()));
  status.Set("timesEstimated", static_cast<double>(counters.estimated_time.load()));
  status.Set("io", name_of(counters.io.load()));
  Napi::Object zero_copy = Napi::Object::New(env);
  zero_copy.Set("queued", static_cast<double>(counters.pointers_queued.load()));
  zero_copy.Set("matched", static_cast<double>(counters.pointers_matched.load()));
  status.Set("zeroCopy", zero_copy);
  return status;
}

Napi::Value CaptureBinding::info(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto geometry = ring_->with([](RingHost* host) {
    return host ? std::optional(host->geometry()) : std::nullopt;
  });
  if (!loop_) throw closed_error(env);
  if (!geometry) {
    throw js_error(env, {"RING_NOT_READY", "the ring is being built anew (see the event `failed`); ask again later"});
  }
  return ring_info(env, *geometry);
}

}  // namespace camstream
