// How a camera's pictures get into a ring: the driver writes into its slots (USERPTR), which is on trial
// until the first frame of each stream; what fails before that is MMAP's turn, at the price of one copy.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "capture/source_counters.h"
#include "capture/v4l2_buffers.h"

namespace camstream {

enum class V4l2Io { kAuto, kMmap, kUserptr };

class V4l2Transfer {
 public:
  using NoticeSink = std::function<void(Error)>;

  // `buffers`: that the driver has at once; 0: 4.
  V4l2Transfer(V4l2Io io, uint32_t buffers, SourceCounters& counters, NoticeSink notice);

  // Slots that the driver may hold at once.
  uint32_t slots() const { return may_userptr_ ? count_ : 1; }

  // `mmap`: whatever else could be. Error: DEVICE_USERPTR (only if it was asked for), those of the device.
  Status start(const V4l2Device& device, std::vector<MemoryPlane> memory, RingHost& ring, bool mmap);
  // After `reason`, with the stream stopped: by MMAP. Errors as before.
  Status fall_back(const V4l2Device& device, RingHost& ring, const Error& reason);
  void stop(RingHost& ring);
  void release();

  // A frame has come.
  void prove();
  bool proven() const { return proven_; }
  bool on_trial() const { return !proven_ && is_userptr(); }
  bool is_userptr() const { return buffers_ && buffers_->memory() == V4L2_MEMORY_USERPTR; }

  // Null: not started.
  V4l2Buffers* buffers() const { return buffers_.get(); }

 private:
  Status start_mmap(const V4l2Device& device, RingHost& ring);

  const V4l2Io io_;
  const uint32_t count_;
  SourceCounters& counters_;
  const NoticeSink notice_;
  bool may_userptr_;             // not refused yet
  bool userptr_worked_ = false;  // once
  bool proven_ = false;          // a frame has come since the stream began
  std::vector<MemoryPlane> memory_;
  std::unique_ptr<V4l2Buffers> buffers_;
};

}  // namespace camstream
