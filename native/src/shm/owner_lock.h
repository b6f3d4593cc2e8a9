// One producer a ring: flock on the file `lock`, which only the producer's user can open.
//
// Not fcntl: the producer's own reader closing the file would drop it. Not on a file that readers can
// open: they could take it. Opened once, close-on-exec (an ffmpeg child would keep it), never renamed
// or removed while the folder stands.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace camstream {

class OwnerLock {
 public:
  // Errors: RING_BUSY (names the holder), RING_PERMISSION, RING_SYSTEM.
  static Result<OwnerLock> take(int folder, const std::string& folder_path);

  // The file in the folder is still the one we hold.
  bool in_place(int folder) const;

 private:
  explicit OwnerLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace camstream
