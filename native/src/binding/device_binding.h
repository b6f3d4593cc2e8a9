// Cameras that are looked at or set without capturing from them: lists and controls, each on a thread of its
// own, for drivers take their time.
#pragma once

#include <napi.h>

namespace camstream {

// listCameras(needs): a promise of NativeCamera[].
Napi::Value list_cameras_off_loop(const Napi::CallbackInfo& info);

// cameraControls(device, settings): sets them (none: nothing) and gives a promise of NativeControl[].
Napi::Value controls_off_loop(const Napi::CallbackInfo& info);

}  // namespace camstream
