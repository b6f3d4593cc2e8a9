// How a driver's buffers and the ring's slots meet: by one copy (MMAP), or by being the same memory
// (USERPTR). docs/capture.md compares them.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "capture/source_counters.h"
#include "capture/v4l2_device.h"
#include "capture/v4l2_driver_buffer.h"
#include "ring/ring_host.h"

namespace camstream {

// Capture thread only. After start() has failed or stop() was called nothing is queued, no slot is out and
// the driver has let go of all memory.
class V4l2Buffers {
 public:
  virtual ~V4l2Buffers() = default;

  // Requests and queues buffers and starts the stream.
  virtual Status start(RingHost& ring) = 0;

  // A dequeued buffer with a whole frame: the slot in which the frame is now, to be published.
  virtual Result<uint32_t> take(RingHost& ring, const DriverBuffer& buffer) = 0;
  // A dequeued buffer whose bytes are not to be shown.
  virtual Status discard(RingHost& ring, const DriverBuffer& buffer) = 0;
  // After either: the driver gets a buffer in its place.
  virtual Status refill(RingHost& ring) = 0;

  virtual void stop(RingHost& ring) = 0;
  virtual v4l2_memory memory() const = 0;
};

struct BufferPlan {
  uint32_t count = 0;               // that the driver has at once
  std::vector<MemoryPlane> planes;  // where their memory lies in a slot
};

std::unique_ptr<V4l2Buffers> make_mmap_buffers(const V4l2Device& device, BufferPlan plan);

// Buffer i is slot i, for good: a driver pins a page once and finds it again when the same buffer comes
// with the same address. A slot's version is odd while the driver has it.
std::unique_ptr<V4l2Buffers> make_userptr_buffers(const V4l2Device& device, BufferPlan plan,
                                                  SourceCounters& counters);

// Steps common to all.
Result<uint32_t> request_buffers(const V4l2Device& device, v4l2_memory memory, uint32_t count);
Status stream_on(const V4l2Device& device);
void stream_off(const V4l2Device& device, v4l2_memory memory);  // and gives all buffers back

}  // namespace camstream
