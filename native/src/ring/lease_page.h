// The memory of a member's lease page: a memfd that can neither shrink (that would be a SIGBUS for the
// other side) nor grow, nor be sealed against the writer.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"
#include "ring/layout.h"
#include "shm/mapping.h"

namespace camstream {

struct LeasePageMemory {
  UniqueFd fd;
  Mapping mapping;
  LeasePage* page() const { return reinterpret_cast<LeasePage*>(mapping.data()); }
};

// Producer. Error: RING_SYSTEM.
Result<LeasePageMemory> make_lease_page();

// Reader: what came over the socket, after checking its size and its seals. Error: RING_CORRUPT, RING_SYSTEM.
Result<LeasePageMemory> map_lease_page(UniqueFd fd);

}  // namespace camstream
