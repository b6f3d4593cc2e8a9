#include <algorithm>
#include <cstring>

#include "capture/v4l2_buffers.h"
#include "capture/v4l2_driver_memory.h"

namespace camstream {
namespace {

class MmapBuffers final : public V4l2Buffers {
 public:
  MmapBuffers(const V4l2Device& device, BufferPlan plan)
      : plan_(std::move(plan)), memory_(device, static_cast<uint32_t>(plan_.planes.size())) {}

  Status start(RingHost&) override {
    Status started = memory_.start(plan_.count);
    if (!started) memory_.stop();
    return started;
  }

  // The driver gets its buffer back before the frame is published: it has the copy's time to spare.
  Result<uint32_t> take(RingHost& ring, const DriverBuffer& buffer) override {
    const auto slot = ring.begin();
    if (!slot) return Error{"RING_NO_SLOT", "No slot of the ring is free for the next frame."};
    for (uint32_t index = 0; index < plan_.planes.size(); ++index) {
      const MemoryPlane& plane = plan_.planes[index];
      const DriverMemory::Bytes bytes = memory_.picture(buffer, index);
      std::memcpy(ring.payload(*slot) + plane.offset, bytes.data, std::min(bytes.size, plane.size));
    }
    if (Status queued = memory_.queue(buffer.index()); !queued) {
      ring.cancel_dirty(*slot);
      return queued.error();
    }
    return *slot;
  }

  Status discard(RingHost&, const DriverBuffer& buffer) override { return memory_.queue(buffer.index()); }
  Status refill(RingHost&) override { return ok(); }
  void stop(RingHost&) override { memory_.stop(); }
  v4l2_memory memory() const override { return V4L2_MEMORY_MMAP; }

 private:
  BufferPlan plan_;
  DriverMemory memory_;
};

}  // namespace

std::unique_ptr<V4l2Buffers> make_mmap_buffers(const V4l2Device& device, BufferPlan plan) {
  return std::make_unique<MmapBuffers>(device, std::move(plan));
}

}  // namespace camstream
