// What a ring may be called.
#pragma once

#include <string>

#include "base/result.h"

namespace camstream {

// [A-Za-z0-9][A-Za-z0-9._-]{0,62}: a file name that cannot lead out of the root. Error: RING_NAME.
Status check_ring_name(const std::string& name);

}  // namespace camstream
