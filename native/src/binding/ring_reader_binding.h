// NativeRing: a ring opened for reading by one environment (the main thread or a worker).
//
// The ring is left by retire(), close() or the end of the environment, whichever comes first: the wait
// thread is joined before its thread-safe function goes, and the leases are given back.
#pragma once

#include <napi.h>

#include <atomic>
#include <memory>

#include "binding/wait_thread.h"
#include "ring/frame_store.h"
#include "ring/ring_file.h"

namespace camstream {

class RingReaderBinding : public Napi::ObjectWrap<RingReaderBinding> {
 public:
  static Napi::Function define(Napi::Env env);

  // new NativeRing(root, name, register, meta, onWake): see openRing() in addon-types.ts
  explicit RingReaderBinding(const Napi::CallbackInfo& info);
  ~RingReaderBinding() override;

 private:
  Napi::Value info(const Napi::CallbackInfo& info);
  Napi::Value live(const Napi::CallbackInfo& info);
  Napi::Value quota(const Napi::CallbackInfo& info);
  Napi::Value refusal(const Napi::CallbackInfo& info);
  Napi::Value head(const Napi::CallbackInfo& info);
  Napi::Value counts(const Napi::CallbackInfo& info);
  Napi::Value take(const Napi::CallbackInfo& info);
  Napi::Value lend(const Napi::CallbackInfo& info);
  Napi::Value view(const Napi::CallbackInfo& info);
  Napi::Value hand_out(const Napi::CallbackInfo& info);
  Napi::Value intact(const Napi::CallbackInfo& info);
  Napi::Value release(const Napi::CallbackInfo& info);
  void arm(const Napi::CallbackInfo& info);
  Napi::Value wait_sync(const Napi::CallbackInfo& info);
  Napi::Value watch(const Napi::CallbackInfo& info);
  Napi::Value status(const Napi::CallbackInfo& info);
  void set_ref(const Napi::CallbackInfo& info);
  void retire(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);

  void start_thread(Napi::Env env, bool join, Napi::Function on_wake);
  void stop_thread(Napi::Env env);
  static void leave_at_exit(void* binding);
  RingFile& file(Napi::Env env);

  std::unique_ptr<RingFile> file_;  // null once the ring has been left
  std::shared_ptr<FrameStore> store_;
  std::unique_ptr<WaitThread> thread_;
  napi_threadsafe_function wake_ = nullptr;
  std::atomic<bool> wake_pending_ = false;
  std::atomic<bool> status_changed_ = false;  // since the last notification
  Napi::Reference<Napi::BigUint64Array> meta_;
  uint64_t* meta_fields_ = nullptr;
};

}  // namespace camstream
