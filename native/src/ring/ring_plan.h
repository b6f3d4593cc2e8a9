// How many slots a ring has and where everything lies in its file.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "ring/ring_host.h"

namespace camstream {

// Complete but for the moment of its making (ring_id, clocks, pid). Error: RING_OPTIONS, RING_NAME.
Result<RingGeometry> plan_ring(const RingHostOptions& options);

// The parts of a mapped file of that geometry.
RingMemory ring_memory(uint8_t* base, const RingGeometry& geometry);

}  // namespace camstream
