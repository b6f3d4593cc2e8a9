// limitUnsent(): how much a TCP socket takes from us that it has not sent.
#pragma once

#include <napi.h>

namespace camstream {

Napi::Value limit_unsent(const Napi::CallbackInfo& info);

}  // namespace camstream
