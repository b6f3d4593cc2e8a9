// Whether a file is a ring that this reader understands: what keeps a truncated file, random bytes or
// another version from becoming a crash.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "ring/layout.h"

namespace camstream {

// `bytes` is a private copy of the file's beginning (at least sizeof(RingGeometry), fewer is an error),
// `file_size` what fstat said. Every offset of the result lies inside the file. `path` is for messages.
// Errors: RING_CORRUPT, RING_VERSION.
Result<RingGeometry> check_ring_header(const uint8_t* bytes, size_t count, uint64_t file_size,
                                       const std::string& path);

}  // namespace camstream
