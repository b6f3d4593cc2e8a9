// Options as packages/core/src/native/addon-types.ts describes them, out of JavaScript objects.
//
// Their ranges were checked in TypeScript; what is checked here is what memory safety depends on.
// Throws a JavaScript TypeError for a value of the wrong type.
#pragma once

#include <napi.h>

#include "capture/frame_rate.h"
#include "capture/v4l2_controls.h"
#include "capture/v4l2_modes.h"
#include "pixels/pixel_format.h"
#include "ring/ring_host.h"

namespace camstream {

RingHostOptions ring_options_of(const Napi::Object& options);
FrameLayout packed_layout_of(const Napi::Object& layout);  // { format, width, height }

PixelFormat format_of(const Napi::Object& object, const char* key);
std::string text_of(const Napi::Object& object, const char* key);
bool flag_of(const Napi::Object& object, const char* key);
uint32_t number_of(const Napi::Object& object, const char* key);
// As above, but may be left out.
uint32_t number_or(const Napi::Object& object, const char* key, uint32_t otherwise);
FrameRate rate_of(const Napi::Object& object, const char* key);  // frames a second; 0: unknown
// NativeNeeds; zeros if it is undefined.
ModeNeeds mode_needs_of(const Napi::Value& needs);
// { NAME: number, boolean or text }; nothing if it is undefined.
std::vector<ControlWish> control_wishes_of(const Napi::Value& settings);
std::string text_or(const Napi::Object& object, const char* key, const char* otherwise);

}  // namespace camstream
