// A loop's event as JavaScript sees it (NativeEvent).
#pragma once

#include <napi.h>

#include "capture/loop_event.h"

namespace camstream {

Napi::Object loop_event_object(Napi::Env env, const LoopEvent& event);

}  // namespace camstream
