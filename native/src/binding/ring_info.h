// A ring's header and numbers as JavaScript objects (NativeRingInfo, NativeRingStatus).
#pragma once

#include <napi.h>

#include "ring/ring_host.h"

namespace camstream {

Napi::Object ring_info(Napi::Env env, const RingGeometry& geometry);
Napi::Object ring_status(Napi::Env env, const RingHostStatus& status);

}  // namespace camstream
