#include "ring/ring_claim.h"

#include "ring/ring_host.h"
#include "shm/user_group.h"

namespace camstream {

Result<std::shared_ptr<RingClaim>> RingClaim::take(const RingHostOptions& options) {
  gid_t group = kLeaveGroup;
  if (!options.group.empty()) {
    const auto found = find_group(options.group);
    if (!found) return found.error();
    group = *found;
  }
  const RingModes& modes = options.system_modes ? kSystemModes : kUserModes;
  auto folder = create_ring_folder(options.root, options.name, modes, group);
  if (!folder) return folder.error();
  auto lock = OwnerLock::take(folder->fd.get(), folder->path);
  if (!lock) return lock.error();
  return std::shared_ptr<RingClaim>(new RingClaim(std::move(*folder), std::move(*lock), modes, group));
}

RingClaim::RingClaim(RingFolder folder, OwnerLock lock, const RingModes& modes, gid_t group)
    : folder_(std::move(folder)), lock_(std::move(lock)), modes_(modes), group_(group) {}

}  // namespace camstream
