// A ring as a thread keeps it that fills it for long: claimed, made for a layout, replaced when the layout
// changes or its folder was taken away, its leases aged, its state told once.
#pragma once

#include <memory>

#include "capture/shared_ring.h"
#include "ring/ring_claim.h"

namespace camstream {

class RingKeeper {
 public:
  explicit RingKeeper(RingHostOptions options) : options_(std::move(options)) {}

  // The right to the ring, before anything is opened for it: errors are those of RingClaim::take().
  // ensure() does it too.
  Status claim();

  enum class Kept { kAsItWas, kMade, kReplaced };
  // Afterwards host() is a ring for such frames. Errors are those of RingHost::open(); there is no ring
  // then, and the next call tries again.
  Result<Kept> ensure(const FrameLayout& layout, uint32_t queue);

  // Between such calls, often: if the folder was taken away, or the last try to make a ring failed, makes
  // the ring for the same frames anew, in the state it had. True: that was needed, and done.
  bool restore();

  RingHost* host() const { return host_; }
  bool needs_care() const { return host_ == nullptr || host_->path_lost(); }
  void set_state(RingState state);
  // Readers in other processes that have joined.
  uint32_t visitors() const { return host_ ? host_->status().visitors : 0; }
  // Often: once a frame or wait. Returns how many leases were revoked since the last time.
  uint32_t look_after();
  // For good.
  void close();

  std::shared_ptr<const SharedRing> ring() const { return ring_; }

 private:
  RingHostOptions options_;
  std::shared_ptr<SharedRing> ring_ = std::make_shared<SharedRing>();
  std::shared_ptr<RingClaim> claim_;
  RingHost* host_ = nullptr;  // what ring_ holds
  RingState state_ = RingState::kStarting;
  bool made_before_ = false;
  uint64_t revoked_ = 0;
  uint64_t looked_at_ns_ = 0;
  uint64_t restored_ns_ = 0;  // or tried to
};

}  // namespace camstream
