// The three parts of a mapped ring, for whoever writes or reads it. The memory belongs to whoever
// mapped it; a reader's mapping is read-only.
#pragma once

#include "ring/layout.h"

namespace camstream {

struct RingMemory {
  RingLive* live = nullptr;
  uint8_t* slot_headers = nullptr;
  uint32_t slot_header_size = kSlotHeaderSize;
  uint8_t* data = nullptr;
  uint64_t slot_stride = 0;
  uint32_t slot_count = 0;

  SlotHeader& header(uint32_t slot) const {
    return *reinterpret_cast<SlotHeader*>(slot_headers + static_cast<size_t>(slot) * slot_header_size);
  }
  uint8_t* payload(uint32_t slot) const { return data + slot_stride * slot; }
};

}  // namespace camstream
