// NativeSourceOptions: which source, and what is wanted of it.
#pragma once

#include <napi.h>

#include <memory>

#include "capture/source.h"

namespace camstream {

// Opens nothing yet.
std::unique_ptr<Source> make_source(const Napi::Object& options);

}  // namespace camstream
