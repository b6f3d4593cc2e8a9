#include "binding/event_channel.h"

namespace camstream {

std::shared_ptr<EventChannel> EventChannel::open(Napi::Env env, Napi::Function on_event) {
  auto channel = std::make_shared<EventChannel>();
  // The thread-safe function owns a share: it may outlive whoever opened the channel.
  auto holder = std::make_unique<std::shared_ptr<EventChannel>>(channel);
  const napi_status status =
      napi_create_threadsafe_function(env, on_event, nullptr, Napi::String::New(env, "camstream"), 0, 1,
                                      holder.get(), finalize, channel.get(), deliver, &channel->function_);
  if (status != napi_ok) throw Napi::Error::New(env);
  holder.release();
  return channel;
}

void EventChannel::post(Task task) {
  std::lock_guard lock(mutex_);
  if (function_ == nullptr) return;
  tasks_.push_back(std::move(task));
  // Refused only when the environment is ending: then the queue goes with the channel.
  napi_call_threadsafe_function(function_, nullptr, napi_tsfn_nonblocking);
}

void EventChannel::close() {
  std::lock_guard lock(mutex_);
  if (function_ == nullptr) return;
  napi_release_threadsafe_function(std::exchange(function_, nullptr), napi_tsfn_abort);
  tasks_.clear();
}

void EventChannel::deliver(napi_env raw_env, napi_value on_event, void* context, void*) {
  if (raw_env == nullptr) return;  // the environment is ending
  auto* channel = static_cast<EventChannel*>(context);
  Task task;
  {
    std::lock_guard lock(channel->mutex_);
    if (channel->tasks_.empty()) return;
    task = std::move(channel->tasks_.front());
    channel->tasks_.pop_front();
  }
  const Napi::Env env(raw_env);
  try {
    task(env, Napi::Function(env, on_event));
  } catch (const Napi::Error& error) {
    napi_fatal_exception(env,
                         error.Value());  // an exception in a listener is uncaught, as everywhere in Node
  }
}

void EventChannel::finalize(napi_env, void* holder, void*) {
  std::unique_ptr<std::shared_ptr<EventChannel>> share(static_cast<std::shared_ptr<EventChannel>*>(holder));
  std::lock_guard lock((*share)->mutex_);
  (*share)->function_ = nullptr;
  (*share)->tasks_.clear();
}

}  // namespace camstream
