// An Error of ours as JavaScript gets it: an Error object with `code` (docs/errors.md).
#pragma once

#include <napi.h>

#include "base/result.h"

namespace camstream {

inline Napi::Error js_error(Napi::Env env, const Error& error) {
  Napi::Error made = Napi::Error::New(env, error.message);
  made.Set("code", Napi::String::New(env, error.code));
  return made;
}

}  // namespace camstream
