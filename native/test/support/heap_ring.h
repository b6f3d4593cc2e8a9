// A ring in ordinary memory, for tests of what needs no file: slots, leases, writer and reader.
#pragma once

#include <memory>
#include <vector>

#include "ring/lease_table.h"
#include "ring/ring_memory.h"

namespace camstream {

class HeapRing {
 public:
  HeapRing(uint32_t slot_count, uint64_t stride)
      : headers_(new SlotHeader[slot_count]()), data_(slot_count * stride) {
    memory_.live = &live_;
    memory_.slot_headers = reinterpret_cast<uint8_t*>(headers_.get());
    memory_.slot_header_size = sizeof(SlotHeader);
    memory_.data = data_.data();
    memory_.slot_stride = stride;
    memory_.slot_count = slot_count;
  }

  const RingMemory& memory() const { return memory_; }

 private:
  RingLive live_{};
  std::unique_ptr<SlotHeader[]> headers_;
  std::vector<uint8_t> data_;
  RingMemory memory_;
};

// A member with its page, as the membership thread would have it.
struct HeapMember {
  explicit HeapMember(uint32_t quota) : page(std::make_unique<LeasePage>()) {
    member.page = page.get();
    member.quota = quota;
  }
  std::unique_ptr<LeasePage> page;
  Member member;
};

}  // namespace camstream
