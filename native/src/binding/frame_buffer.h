// A frame's bytes as ArrayBuffers. Creating one costs the same whatever the size of the frame.
#pragma once

#include <napi.h>

#include "ring/frame_store.h"

namespace camstream {

// For JavaScript: detach() takes the bytes away, so that a late use sees length 0.
Napi::ArrayBuffer view_buffer(Napi::Env env, const FrameStore::Bytes& bytes);

// Detaches `view`, and keeps the address mapped for as long as the detached object exists: native code
// that was given the view itself, without asking for its buffer, may still have a pointer.
void detach(Napi::Env env, napi_value view, std::shared_ptr<SlotWindow> keep);

// For native code: never detached, dropped when the last reference is gone. (Node aborts when the
// buffer that zlib is at work on gets detached.)
Napi::ArrayBuffer hand_out_buffer(Napi::Env env, std::unique_ptr<FrameStore::HandOut> hand_out);

}  // namespace camstream
