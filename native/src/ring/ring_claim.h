// The right to be a ring's producer: its folder and the lock in it. Taken before the camera is opened,
// so that a second producer is told about the ring and does not disturb the camera; it may outlive
// several rings (a change of format is a new ring). After path_lost() take a new one.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "shm/owner_lock.h"
#include "shm/ring_folder.h"

namespace camstream {

struct RingHostOptions;

class RingClaim {
 public:
  // Uses root, name, group and system_modes. Errors: RING_NAME, RING_ROOT_UNTRUSTED, RING_PERMISSION,
  // RING_GROUP, RING_BUSY, RING_SYSTEM.
  static Result<std::shared_ptr<RingClaim>> take(const RingHostOptions& options);

  int folder() const { return folder_.fd.get(); }
  const std::string& path() const { return folder_.path; }
  const RingModes& modes() const { return modes_; }
  gid_t group() const { return group_; }

 private:
  RingClaim(RingFolder folder, OwnerLock lock, const RingModes& modes, gid_t group);

  RingFolder folder_;
  OwnerLock lock_;
  RingModes modes_;
  gid_t group_;
};

}  // namespace camstream
