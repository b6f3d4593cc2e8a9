#include "binding/frame_buffer.h"

namespace camstream {
namespace {

// Only the mapping is const; JavaScript is told that a write ends the process.
void* writable(const uint8_t* bytes) { return const_cast<uint8_t*>(bytes); }

}  // namespace

Napi::ArrayBuffer view_buffer(Napi::Env env, const FrameStore::Bytes& bytes) {
  return Napi::ArrayBuffer::New(env, writable(bytes.data), bytes.size);
}

void detach(Napi::Env env, napi_value view, std::shared_ptr<SlotWindow> keep) {
  if (napi_detach_arraybuffer(env, view) != napi_ok) return;
  if (!keep) return;
  auto* kept = new std::shared_ptr<SlotWindow>(std::move(keep));
  const auto drop = [](napi_env, void* data, void*) {
    delete static_cast<std::shared_ptr<SlotWindow>*>(data);
  };
  if (napi_add_finalizer(env, view, kept, drop, nullptr, nullptr) != napi_ok) delete kept;
}

Napi::ArrayBuffer hand_out_buffer(Napi::Env env, std::unique_ptr<FrameStore::HandOut> hand_out) {
  const FrameStore::Bytes bytes = hand_out->bytes();
  const auto drop = [](Napi::Env, void*, FrameStore::HandOut* owned) { delete owned; };
  return Napi::ArrayBuffer::New(env, writable(bytes.data), bytes.size, drop, hand_out.release());
}

}  // namespace camstream
