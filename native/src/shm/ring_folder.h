// The folder of a ring, reached step by step without following links, and only through folders that
// nobody but root and ourselves can swap under us.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace camstream {

struct RingModes {
  mode_t root;
  mode_t folder;
  mode_t file;
  mode_t socket;
};
constexpr RingModes kSystemModes{0755, 0750, 0640, 0660};
constexpr RingModes kUserModes{0700, 0700, 0600, 0600};

constexpr gid_t kLeaveGroup = static_cast<gid_t>(-1);

struct RingFolder {
  UniqueFd fd;       // O_PATH
  std::string path;  // for messages and for checking that it still leads here
  uid_t owner = 0;
};

// Producer: makes root and folder where they are missing. Errors: RING_NAME, RING_ROOT_UNTRUSTED,
// RING_PERMISSION, RING_GROUP, RING_SYSTEM.
Result<RingFolder> create_ring_folder(const std::string& root, const std::string& name,
                                      const RingModes& modes, gid_t group);

// Reader. Errors: RING_NAME, RING_NOT_FOUND, RING_ROOT_UNTRUSTED, RING_PERMISSION, RING_SYSTEM.
Result<RingFolder> open_ring_folder(const std::string& root, const std::string& name);

// Reader: the root itself (O_RDONLY), to list what is in it.
Result<UniqueFd> open_ring_root(const std::string& root);

// RING_PERMISSION for something at `path` that belongs to `group`: says which group to join.
Error permission_error(const std::string& path, gid_t group);

}  // namespace camstream
