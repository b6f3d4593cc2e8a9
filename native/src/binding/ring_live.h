// What changes in a ring while it lives, as a JavaScript object (NativeRingLive).
#pragma once

#include <napi.h>

#include "ring/ring_memory.h"

namespace camstream {

Napi::Object ring_live(Napi::Env env, const RingMemory& memory);

}  // namespace camstream
