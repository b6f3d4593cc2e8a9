#include "capture/v4l2_transfer.h"

#include <algorithm>
#include <utility>

namespace camstream {
namespace {

constexpr uint32_t kBuffers = 4;
constexpr uint32_t kFewestBuffers = 2;
constexpr uint32_t kMostBuffers = 16;

}  // namespace

V4l2Transfer::V4l2Transfer(V4l2Io io, uint32_t buffers, SourceCounters& counters, NoticeSink notice)
    : io_(io),
      count_(buffers ? std::clamp(buffers, kFewestBuffers, kMostBuffers) : kBuffers),
      counters_(counters),
      notice_(std::move(notice)),
      may_userptr_(io != V4l2Io::kMmap) {}

Status V4l2Transfer::start(const V4l2Device& device, std::vector<MemoryPlane> memory, RingHost& ring,
                           bool mmap) {
  proven_ = false;
  memory_ = std::move(memory);
  if (!may_userptr_ || mmap) return start_mmap(device, ring);
  buffers_ = make_userptr_buffers(device, {count_, memory_}, counters_);
  if (Status started = buffers_->start(ring); !started) return fall_back(device, ring, started.error());
  counters_.io = SourceIo::kUserptr;
  return ok();
}

Status V4l2Transfer::fall_back(const V4l2Device& device, RingHost& ring, const Error& reason) {
  buffers_.reset();
  if (reason.code == "DEVICE_GONE" || reason.code == "DEVICE_BUSY") return reason;
  const std::string refusal = device.path() + " (" + device.card() +
                              ") cannot write into the ring itself (USERPTR): " + reason.message + ". ";
  if (io_ == V4l2Io::kUserptr) {
    return Error{"DEVICE_USERPTR",
                 "the camera " + refusal + "Use `io: auto` or `mmap`, which costs one copy a frame."};
  }
  if (Status started = start_mmap(device, ring); !started) return started.error();
  // A refusal will be one the next time too. Silence, and a refusal by who took it before, may have had
  // other reasons.
  if (reason.code != "CAMERA_STALLED" && !userptr_worked_) may_userptr_ = false;
  notice_({"DEVICE_USERPTR", refusal + "Each frame is copied once (MMAP)."});
  return ok();
}

Status V4l2Transfer::start_mmap(const V4l2Device& device, RingHost& ring) {
  buffers_ = make_mmap_buffers(device, {count_, memory_});
  if (Status started = buffers_->start(ring); !started) {
    buffers_.reset();
    return started.error();
  }
  counters_.io = SourceIo::kMmap;
  return ok();
}

void V4l2Transfer::stop(RingHost& ring) {
  if (buffers_) buffers_->stop(ring);
}

void V4l2Transfer::release() {
  buffers_.reset();
  counters_.io = SourceIo::kNone;
}

void V4l2Transfer::prove() {
  proven_ = true;
  userptr_worked_ = userptr_worked_ || is_userptr();
}

}  // namespace camstream
