#include "binding/frame_buffer.h"

namespace camstream {
namespace {

// Only the mapping is const; JavaScript is told that a write ends the process.
void* writable(const uint8_t* bytes) { return const_cast<uint8_t*>(bytes); }

// What was lent is the ring's memory and then zeros: collecting it frees nothing. Unless V8 is told so, it
// collects everything three times a second for a reader that lends frames of 3 MB.
void leave_out_of_account(Napi::Env env, const FrameStore::HandOut& hand_out, int64_t sign) {
  if (!hand_out.lent()) return;
  Napi::MemoryManagement::AdjustExternalMemory(env, sign * static_cast<int64_t>(hand_out.bytes().size));
}

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
  leave_out_of_account(env, *hand_out, -1);
  const auto drop = [](Napi::Env dropping, void*, FrameStore::HandOut* owned) {
    leave_out_of_account(dropping, *owned, +1);
    delete owned;
  };
  return Napi::ArrayBuffer::New(env, writable(bytes.data), bytes.size, drop, hand_out.release());
}

}  // namespace camstream
