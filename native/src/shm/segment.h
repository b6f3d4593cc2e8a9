// The memory of a new ring: a file of its full size, really allocated, mapped and touched.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "shm/mapping.h"
#include "shm/ring_folder.h"

namespace camstream {

struct Segment {
  UniqueFd fd;  // O_RDWR
  Mapping mapping;
};

struct SegmentRequest {
  int folder = -1;
  std::string folder_path;
  std::string name;          // the temporary name; whatever has it is removed first
  std::string removed_path;  // where the ring before this one was: its readers may still hold it
  uint64_t size = 0;
  mode_t mode = 0600;
  gid_t group = kLeaveGroup;
};

// Counts room for two rings (one may live on in a reader that hangs through a restart), waits up to two
// seconds for room, then says how much is missing where, and who holds it. Nothing is left behind on
// failure. Errors: RING_NO_SPACE, RING_GROUP, RING_SYSTEM.
Result<Segment> create_segment(const SegmentRequest& request);

}  // namespace camstream
