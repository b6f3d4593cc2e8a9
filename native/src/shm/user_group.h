// Groups by name, for rights and for messages about them.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"

namespace camstream {

// A name or a number. Error: RING_GROUP.
Result<gid_t> find_group(const std::string& name);

// "video", or the number where the machine has no name for it.
std::string group_name(gid_t gid);

}  // namespace camstream
