// What a capture and a conversion have in common as JavaScript objects: a native thread behind them.
//
// Runs until close() or the end of the environment (worker.terminate(), process.exit()), and holds
// itself as long: a camera does not stop because a variable went out of scope.
#pragma once

#include <napi.h>

#include <memory>
#include <utility>
#include <vector>

#include "binding/addon_data.h"
#include "binding/event_channel.h"
#include "binding/js_error.h"
#include "binding/loop_event_object.h"
#include "binding/ring_info.h"
#include "capture/shared_ring.h"

namespace camstream {

// `Loop` is made with the arguments of run() and then (opened, events), and has stop(ended) and ring().
template <typename Self, typename Loop>
class LoopBinding : public Napi::ObjectWrap<Self>, private OpenHandle {
 public:
  explicit LoopBinding(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Self>(info) {}
  // At the end of the environment, if close() was never called. The thread's last words are dropped.
  ~LoopBinding() override = default;

  std::shared_ptr<const SharedRing> ring() const { return ring_; }

  // Starts the thread. `started` becomes this object, or the error of the first attempt.
  template <typename... Arguments>
  void run(Napi::Env env, Napi::Function on_event, Napi::Promise::Deferred started,
           Arguments&&... arguments) {
    AddonData::of(env).open.insert(this);
    this->Ref();  // until ended(); tasks on the channel may therefore use `this`
    channel_ = EventChannel::open(env, on_event);
    const auto opened = [this, channel = channel_, started](Status status) {
      channel->post(
          [this, status, started](Napi::Env env, Napi::Function) { this->opened(env, status, started); });
    };
    const auto events = [channel = channel_](LoopEvent event) {
      channel->post([event](Napi::Env env, Napi::Function listener) {
        listener.Call({loop_event_object(env, event)});
      });
    };
    loop_ = std::make_unique<Loop>(std::forward<Arguments>(arguments)..., opened, events);
    ring_ = loop_->ring();
  }

  // Resolves when thread and ring are gone. May be called again and again.
  Napi::Value close(const Napi::CallbackInfo& info) {
    const auto closed = Napi::Promise::Deferred::New(info.Env());
    if (!loop_) {
      closed.Resolve(info.Env().Undefined());
      return closed.Promise();
    }
    closing_.push_back(closed);
    loop_->stop(
        [this, channel = channel_] { channel->post([this](Napi::Env env, Napi::Function) { ended(env); }); });
    return closed.Promise();
  }

  Napi::Value info(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    loop(env);
    const auto geometry =
        ring_->with([](RingHost* host) { return host ? std::optional(host->geometry()) : std::nullopt; });
    if (geometry) return ring_info(env, *geometry);
    throw js_error(
        env, {"RING_NOT_READY", "the ring is being built anew (see the event `failed`); ask again later"});
  }

 protected:
  Loop& loop(Napi::Env env) const {
    if (!loop_)
      throw js_error(env, {"CAPTURE_CLOSED", "this capture or conversion was closed by its own close()"});
    return *loop_;
  }

  // Tasks posted on it run before those of a later close().
  const std::shared_ptr<EventChannel>& channel() const { return channel_; }

  Napi::Object status_of_ring(Napi::Env env) const {
    return ring_status(env,
                       ring_->with([](RingHost* host) { return host ? host->status() : RingHostStatus{}; }));
  }

 private:
  void close_now() override {
    AddonData::of(this->Env()).open.erase(this);
    loop_.reset();
    channel_->close();
  }

  void opened(Napi::Env env, const Status& status, Napi::Promise::Deferred started) {
    if (status) return started.Resolve(this->Value());
    ended(env);
    started.Reject(js_error(env, status.error()).Value());
  }

  // The thread has nothing more to say.
  void ended(Napi::Env env) {
    close_now();
    for (const auto& waiting : closing_) waiting.Resolve(env.Undefined());
    closing_.clear();
    this->Unref();
  }

  std::shared_ptr<EventChannel> channel_;
  std::shared_ptr<const SharedRing> ring_;
  std::vector<Napi::Promise::Deferred> closing_;
  std::unique_ptr<Loop> loop_;  // null: not started, or closed
};

}  // namespace camstream
