// Which rings there are.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace camstream {

// Names of the folders below `root` with a ring in them (also one that we may not read), sorted; none if
// there is no such root. What a ring is and does, RingFile says without joining.
// Errors: RING_ROOT_UNTRUSTED, RING_PERMISSION, RING_SYSTEM.
Result<std::vector<std::string>> list_rings(const std::string& root);

}  // namespace camstream
