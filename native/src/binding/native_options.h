// Options as packages/core/src/native/addon-types.ts describes them, out of JavaScript objects.
//
// Their ranges were checked in TypeScript; what is checked here is what memory safety depends on.
// Throws a JavaScript TypeError for a value of the wrong type.
#pragma once

#include <napi.h>

#include "pixels/pixel_format.h"
#include "ring/ring_host.h"

namespace camstream {

RingHostOptions ring_options_of(const Napi::Object& options);
FrameLayout packed_layout_of(const Napi::Object& layout);  // { format, width, height }

std::string text_of(const Napi::Object& object, const char* key);
bool flag_of(const Napi::Object& object, const char* key);
uint32_t number_of(const Napi::Object& object, const char* key);
// 0 or absent: undefined stays what `otherwise` says.
uint32_t number_or(const Napi::Object& object, const char* key, uint32_t otherwise);
std::string text_or(const Napi::Object& object, const char* key, const char* otherwise);

struct Rate {
  uint32_t numerator = 0;  // 0: left to the source
  uint32_t denominator = 1;
};
// 29.97 is 30000/1001: rates that television has are taken exactly, others to a thousandth.
Rate rate_of(double frames_per_second);

}  // namespace camstream
