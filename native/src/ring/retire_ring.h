// Takes a ring out of service that an earlier producer left in the folder.
#pragma once

namespace camstream {

// State closed, sleeping readers woken, files gone. Under the lock. A ring is never reused in place: a
// reader may still be using its bytes.
void retire_ring(int folder);

}  // namespace camstream
