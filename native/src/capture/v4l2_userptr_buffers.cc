#include <cerrno>
#include <vector>

#include "capture/v4l2_buffers.h"

namespace camstream {
namespace {

class UserptrBuffers final : public V4l2Buffers {
 public:
  UserptrBuffers(const V4l2Device& device, BufferPlan plan, SourceCounters& counters)
      : device_(device), plan_(std::move(plan)), counters_(counters) {}

  Status start(RingHost& ring) override {
    if (Status started = try_start(ring); !started) {
      stop(ring);
      return started.error();
    }
    return ok();
  }

  Result<uint32_t> take(RingHost& ring, const DriverBuffer& buffer) override {
    if (Status known = check(ring, buffer); !known) return known.error();
    queued_[buffer.index()] = false;
    return buffer.index();
  }

  Status discard(RingHost& ring, const DriverBuffer& buffer) override {
    if (Status known = check(ring, buffer); !known) return known.error();
    queued_[buffer.index()] = false;
    ring.cancel_dirty(buffer.index());
    return ok();
  }

  // The ring chooses which slot is next; with it the buffer is chosen too.
  Status refill(RingHost& ring) override {
    const auto slot = ring.begin();
    if (!slot) return Error{"RING_NO_SLOT", "No slot of the ring is free for the driver."};
    DriverBuffer buffer(device_, V4L2_MEMORY_USERPTR, memory_count(), *slot);
    for (uint32_t index = 0; index < plan_.planes.size(); ++index) {
      buffer.set_user_memory(index, address_of(ring, *slot, index), plan_.planes[index].size);
    }
    if (device_.control(VIDIOC_QBUF, buffer.argument()) != 0) {
      const int reason = errno;
      ring.cancel_untouched(*slot);
      return device_.failure("VIDIOC_QBUF of user memory", reason);
    }
    queued_[*slot] = true;
    count(counters_.pointers_queued);
    return ok();
  }

  // A driver may have written into any slot that it had.
  void stop(RingHost& ring) override {
    stream_off(device_, V4L2_MEMORY_USERPTR);
    for (uint32_t slot = 0; slot < queued_.size(); ++slot) {
      if (queued_[slot]) ring.cancel_dirty(slot);
    }
    queued_.clear();
  }

  v4l2_memory memory() const override { return V4L2_MEMORY_USERPTR; }

 private:
  Status try_start(RingHost& ring) {
    const uint32_t slots = ring.memory().slot_count;
    queued_.assign(slots, false);
    const auto granted = request_buffers(device_, V4L2_MEMORY_USERPTR, slots);
    if (!granted) return granted.error();
    if (*granted < slots) {
      return Error{"DEVICE_USERPTR", "the driver takes " + std::to_string(*granted) +
                                         " buffers at most and the ring has " + std::to_string(slots) +
                                         " slots"};
    }
    for (uint32_t index = 0; index < plan_.count; ++index) {
      if (Status queued = refill(ring); !queued) return queued.error();
    }
    return stream_on(device_);
  }

  // That what comes back is what was given: no copy by a driver that only pretends.
  Status check(const RingHost& ring, const DriverBuffer& buffer) {
    const uint32_t slot = buffer.index();
    bool ours = slot < queued_.size() && queued_[slot];
    for (uint32_t index = 0; ours && index < plan_.planes.size(); ++index) {
      ours = buffer.user_address(index) == address_of(ring, slot, index);
      if (ours && buffer.data_offset(index) != 0) {
        return Error{"DEVICE_USERPTR", "the driver leaves " + std::to_string(buffer.data_offset(index)) +
                                           " bytes free before the picture"};
      }
    }
    if (!ours) return Error{"DEVICE_USERPTR", "the driver gave back a buffer that it was not given"};
    count(counters_.pointers_matched);
    return ok();
  }

  uint32_t memory_count() const { return static_cast<uint32_t>(plan_.planes.size()); }

  unsigned long address_of(const RingHost& ring, uint32_t slot, uint32_t plane) const {
    return reinterpret_cast<unsigned long>(ring.payload(slot) + plan_.planes[plane].offset);
  }

  const V4l2Device& device_;
  BufferPlan plan_;
  SourceCounters& counters_;
  std::vector<bool> queued_;  // by slot
};

}  // namespace

std::unique_ptr<V4l2Buffers> make_userptr_buffers(const V4l2Device& device, BufferPlan plan,
                                                  SourceCounters& counters) {
  return std::make_unique<UserptrBuffers>(device, std::move(plan), counters);
}

}  // namespace camstream
