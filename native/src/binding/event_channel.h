// From a native thread to the event loop: things to do there, in order, none lost.
//
// One thread-safe function per channel, which only wakes the loop; the queue is ours, so that what has
// not been delivered when the environment ends is freed like anything else. While open it keeps the
// event loop alive.
#pragma once

#include <napi.h>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>

namespace camstream {

class EventChannel {
 public:
  using Task = std::function<void(Napi::Env env, Napi::Function on_event)>;

  // JavaScript thread. `on_event` is handed to each task.
  static std::shared_ptr<EventChannel> open(Napi::Env env, Napi::Function on_event);

  // Any thread. After close() the task is dropped.
  void post(Task task);

  // JavaScript thread, once. Nothing is delivered any more.
  void close();

 private:
  static void deliver(napi_env env, napi_value on_event, void* context, void*);
  static void finalize(napi_env, void* holder, void*);

  std::mutex mutex_;
  std::deque<Task> tasks_;
  napi_threadsafe_function function_ = nullptr;  // null: closed
};

}  // namespace camstream
