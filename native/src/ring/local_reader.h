// A reader inside the producer's process: a member whose lease page is plain memory and that has no
// socket to hang up, so it leaves by its destructor.
#pragma once

#include <memory>

#include "ring/ring_core.h"
#include "ring/ring_host.h"

namespace camstream {

// It may hold one lease while there are local leases left. Null when kMaxLocalReaders are there already.
std::unique_ptr<RingHost::LocalReader> make_local_reader(std::shared_ptr<RingCore> core);

}  // namespace camstream
