// The ring's socket in its folder, from the producer's side.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"
#include "ring/ring_claim.h"

namespace camstream {

// Bound as socket.new, given its rights (connecting needs write permission), listening, then renamed to
// `socket`: nobody meets a socket that does not answer. Errors: RING_GROUP, RING_SYSTEM.
Result<UniqueFd> listen_in(const RingClaim& claim);

}  // namespace camstream
