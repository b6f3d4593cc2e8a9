// readBlockCode() and checkRows(): what a test picture says of itself.
#pragma once

#include <napi.h>

namespace camstream {

Napi::Value read_block_code(const Napi::CallbackInfo& info);
Napi::Value check_rows(const Napi::CallbackInfo& info);

}  // namespace camstream
