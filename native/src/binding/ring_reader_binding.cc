#include "binding/ring_reader_binding.h"

#include <algorithm>
#include <system_error>

#include "base/clock.h"
#include "binding/frame_buffer.h"
#include "binding/js_error.h"
#include "binding/ring_info.h"
#include "binding/ring_live.h"

namespace camstream {
namespace {

constexpr double kLongestSyncWaitMs = 50;  // so that a worker can be ended
constexpr double kLongestWatchUs = 5000;   // nothing else runs on this thread meanwhile

std::chrono::nanoseconds nanoseconds(double amount, double longest, double unit_ns) {
  return std::chrono::nanoseconds(amount > 0 ? static_cast<int64_t>(std::min(amount, longest) * unit_ns) : 0);
}

uint64_t id_of(const Napi::Value& value) {
  bool lossless = false;
  return value.As<Napi::BigInt>().Uint64Value(&lossless);
}

uint64_t sequence_of(const Napi::Value& value) {
  return static_cast<uint64_t>(value.As<Napi::Number>().Int64Value());
}

}  // namespace

Napi::Function RingReaderBinding::define(Napi::Env env) {
  return DefineClass(env, "NativeRing",
                     {InstanceMethod<&RingReaderBinding::info>("info"),
                      InstanceMethod<&RingReaderBinding::live>("live"),
                      InstanceMethod<&RingReaderBinding::quota>("quota"),
                      InstanceMethod<&RingReaderBinding::refusal>("refusal"),
                      InstanceMethod<&RingReaderBinding::head>("head"),
                      InstanceMethod<&RingReaderBinding::counts>("counts"),
                      InstanceMethod<&RingReaderBinding::take>("take"),
                      InstanceMethod<&RingReaderBinding::lend>("lend"),
                      InstanceMethod<&RingReaderBinding::view>("view"),
                      InstanceMethod<&RingReaderBinding::hand_out>("handOut"),
                      InstanceMethod<&RingReaderBinding::intact>("intact"),
                      InstanceMethod<&RingReaderBinding::release>("release"),
                      InstanceMethod<&RingReaderBinding::arm>("arm"),
                      InstanceMethod<&RingReaderBinding::wait_sync>("waitSync"),
                      InstanceMethod<&RingReaderBinding::watch>("watch"),
                      InstanceMethod<&RingReaderBinding::status>("status"),
                      InstanceMethod<&RingReaderBinding::set_ref>("setRef"),
                      InstanceMethod<&RingReaderBinding::retire>("retire"),
                      InstanceMethod<&RingReaderBinding::close>("close")});
}

RingReaderBinding::RingReaderBinding(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsString() || !info[1].IsString() || !info[3].IsTypedArray() || !info[4].IsFunction()) {
    throw Napi::TypeError::New(env, "openRing(root, name, { register }, meta, onWake)");
  }
  auto meta = info[3].As<Napi::BigUint64Array>();
  if (meta.ElementLength() < 8) throw Napi::TypeError::New(env, "openRing(): `meta` wants room for 8 values");
  auto opened = RingFile::open(info[0].As<Napi::String>(), info[1].As<Napi::String>(),
                               {.join = false, .map_payload = false});
  if (!opened) throw js_error(env, opened.error());
  file_ = std::move(*opened);
  const RingGeometry& geometry = file_->geometry();
  store_ = std::make_shared<FrameStore>(
      file_->make_reader(),
      SlotFile{.fd = file_->fd(), .data_offset = geometry.data_offset, .slot_stride = geometry.slot_stride,
               .payload_capacity = geometry.payload_capacity, .slot_count = geometry.slot_count},
      uint64_t{geometry.lease_timeout_ms} * 1'000'000);
  meta_ = Napi::Reference<Napi::BigUint64Array>::New(meta, 1);
  meta_fields_ = meta.Data();
  start_thread(env, info[2].ToBoolean(), info[4].As<Napi::Function>());
}

RingReaderBinding::~RingReaderBinding() {
  thread_.reset();
  store_->close();
}

void RingReaderBinding::start_thread(Napi::Env env, bool join, Napi::Function on_wake) {
  // Plain Node-API: in a worker that is being ended nothing can be called, which is no reason for a C++
  // exception. What the callback throws is an uncaught one, as everywhere in Node.
  const auto call = [](napi_env raw, napi_value callback, void* context, void*) {
    if (raw == nullptr) return;  // the environment ends
    auto* self = static_cast<RingReaderBinding*>(context);
    self->wake_pending_ = false;
    napi_value receiver = nullptr;
    napi_value status = nullptr;
    napi_get_undefined(raw, &receiver);
    napi_get_boolean(raw, self->status_changed_.exchange(false), &status);
    if (napi_call_function(raw, receiver, callback, 1, &status, nullptr) != napi_pending_exception) return;
    napi_value thrown = nullptr;
    if (napi_get_and_clear_last_exception(raw, &thrown) == napi_ok) napi_fatal_exception(raw, thrown);
  };
  const napi_status made =
      napi_create_threadsafe_function(env, on_wake, nullptr, Napi::String::New(env, "camstream.ring"), 0, 1,
                                      nullptr, nullptr, this, call, &wake_);
  if (made != napi_ok) throw js_error(env, {"RING_SYSTEM", "Node refused a thread-safe function"});
  napi_unref_threadsafe_function(env, wake_);
  try {
    thread_ = std::make_unique<WaitThread>(*file_, *store_, join, [this](bool status) {
      if (status) status_changed_ = true;
      if (wake_pending_.exchange(true)) return;
      napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking);
    });
  } catch (const std::system_error& error) {
    napi_release_threadsafe_function(wake_, napi_tsfn_abort);
    throw js_error(env, {"RING_SYSTEM", std::string("cannot start the thread that waits: ") + error.what()});
  }
  // After the thread-safe function, so that this hook runs before its own clean-up.
  napi_add_env_cleanup_hook(env, &RingReaderBinding::leave_at_exit, this);
}

void RingReaderBinding::stop_thread(Napi::Env env) {
  if (!thread_) return;
  thread_.reset();
  napi_remove_env_cleanup_hook(env, &RingReaderBinding::leave_at_exit, this);
  napi_release_threadsafe_function(wake_, napi_tsfn_abort);
}

// Node has waited for its thread pool by now: no compressor is at work any more.
void RingReaderBinding::leave_at_exit(void* binding) {
  auto* self = static_cast<RingReaderBinding*>(binding);
  self->thread_.reset();
  self->store_->close();
  self->file_.reset();
}

Napi::Value RingReaderBinding::info(const Napi::CallbackInfo& info) {
  return ring_info(info.Env(), file(info.Env()).geometry());
}

Napi::Value RingReaderBinding::live(const Napi::CallbackInfo& info) {
  return ring_live(info.Env(), file(info.Env()).memory());
}

Napi::Value RingReaderBinding::quota(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), file(info.Env()).quota());
}

Napi::Value RingReaderBinding::refusal(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), file(info.Env()).refusal());
}

Napi::Value RingReaderBinding::head(const Napi::CallbackInfo& info) {
  const uint64_t head = file_ ? file_->memory().live->head.load_acquire<Sync::kReaderHead>() : 0;
  return Napi::Number::New(info.Env(), static_cast<double>(head_sequence(head)));
}

Napi::Value RingReaderBinding::counts(const Napi::CallbackInfo& info) {
  const FrameStore::Counts counts = store_->counts();
  Napi::Object object = Napi::Object::New(info.Env());
  object.Set("held", counts.held);
  object.Set("lingering", counts.lingering);
  object.Set("copied", static_cast<double>(counts.copied));
  return object;
}

Napi::Value RingReaderBinding::take(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (thread_ && !thread_->settled()) return Napi::Boolean::New(env, false);
  const auto taken = store_->take(info[0].As<Napi::Boolean>(), sequence_of(info[1]));
  if (!taken) throw js_error(env, taken.error());
  if (!*taken) return Napi::Boolean::New(env, false);
  const FrameStore::Taken& frame = **taken;
  const FrameMeta& meta = frame.meta;
  const uint64_t fields[8] = {frame.id,   meta.sequence,   meta.captured_ns,    meta.published_ns,
                              meta.flags, meta.bytes_used, meta.dropped_before, frame.leased};
  std::copy(std::begin(fields), std::end(fields), meta_fields_);
  return Napi::Boolean::New(env, true);
}

Napi::Value RingReaderBinding::lend(const Napi::CallbackInfo& info) {
  return Napi::BigInt::New(info.Env(), store_->lend(id_of(info[0])));
}

Napi::Value RingReaderBinding::view(const Napi::CallbackInfo& info) {
  const auto bytes = store_->bytes(id_of(info[0]));
  if (!bytes) return Napi::ArrayBuffer::New(info.Env(), 0);
  return view_buffer(info.Env(), *bytes);
}

Napi::Value RingReaderBinding::hand_out(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const uint64_t id = id_of(info[0]);
  auto out = store_->hand_out(id);
  if (!out) throw js_error(env, out.error());
  if (*out) return hand_out_buffer(env, std::move(*out));
  const auto bytes = store_->bytes(id);
  Napi::ArrayBuffer copy = Napi::ArrayBuffer::New(env, bytes->size);
  std::copy_n(bytes->data, bytes->size, static_cast<uint8_t*>(copy.Data()));
  if (!store_->intact(id)) throw js_error(env, FrameStore::overwritten());
  return copy;
}

Napi::Value RingReaderBinding::intact(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), store_->intact(id_of(info[0])));
}

Napi::Value RingReaderBinding::release(const Napi::CallbackInfo& info) {
  FrameStore::Released released = store_->release(id_of(info[0]));
  if (info[1].IsArrayBuffer()) detach(info.Env(), info[1], std::move(released.keep));
  return Napi::Boolean::New(info.Env(), released.held);
}

void RingReaderBinding::arm(const Napi::CallbackInfo& info) {
  if (!thread_) return;
  const double early_us = info[1].IsNumber() ? info[1].As<Napi::Number>().DoubleValue() : 0;
  const uint64_t early_ns = early_us > 0 ? monotonic_ns() + static_cast<uint64_t>(early_us * 1e3) : 0;
  thread_->arm(sequence_of(info[0]), early_ns);
}

Napi::Value RingReaderBinding::wait_sync(const Napi::CallbackInfo& info) {
  if (!thread_) return Napi::Boolean::New(info.Env(), false);
  const auto timeout = nanoseconds(info[1].As<Napi::Number>().DoubleValue(), kLongestSyncWaitMs, 1e6);
  if (!thread_->settled()) {
    thread_->wait_settled(static_cast<uint32_t>(timeout / std::chrono::milliseconds(1)));
    return Napi::Boolean::New(info.Env(), false);
  }
  const auto armed = thread_->disarm();
  const bool there = file_->wait(sequence_of(info[0]), timeout);
  if (armed) thread_->arm(*armed);
  return Napi::Boolean::New(info.Env(), there);
}

Napi::Value RingReaderBinding::watch(const Napi::CallbackInfo& info) {
  if (!thread_ || !thread_->settled()) return Napi::Boolean::New(info.Env(), false);
  const auto timeout = nanoseconds(info[1].As<Napi::Number>().DoubleValue(), kLongestWatchUs, 1e3);
  return Napi::Boolean::New(info.Env(), file_->watch(sequence_of(info[0]), timeout));
}

Napi::Value RingReaderBinding::status(const Napi::CallbackInfo& info) {
  const uint32_t status = thread_ ? thread_->look() : static_cast<uint32_t>(StatusBit::kClosed);
  return Napi::Number::New(info.Env(), status);
}

void RingReaderBinding::set_ref(const Napi::CallbackInfo& info) {
  if (!thread_) return;
  if (info[0].ToBoolean()) {
    napi_ref_threadsafe_function(info.Env(), wake_);
  } else {
    napi_unref_threadsafe_function(info.Env(), wake_);
  }
}

void RingReaderBinding::retire(const Napi::CallbackInfo& info) {
  stop_thread(info.Env());
  store_->retire();
  file_.reset();
}

void RingReaderBinding::close(const Napi::CallbackInfo& info) {
  stop_thread(info.Env());
  store_->close();
  file_.reset();
}

RingFile& RingReaderBinding::file(Napi::Env env) {
  if (!file_) throw js_error(env, {"RING_CLOSED", "This ring was closed by close(). Open it again."});
  return *file_;
}

}  // namespace camstream
