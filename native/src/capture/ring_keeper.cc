#include "capture/ring_keeper.h"

#include <utility>

#include "base/clock.h"

namespace camstream {
namespace {
constexpr uint64_t kLookEveryNs = 100'000'000;
constexpr uint64_t kRestoreEveryNs = 500'000'000;
}

Status RingKeeper::claim() {
  if (claim_) return ok();
  auto claim = RingClaim::take(options_);
  if (!claim) return claim.error();
  claim_ = *claim;
  return ok();
}

Result<RingKeeper::Kept> RingKeeper::ensure(const FrameLayout& layout, uint32_t queue) {
  if (!needs_care() && options_.layout == layout && options_.queue >= queue) return Kept::kAsItWas;
  if (host_ && host_->path_lost()) claim_.reset();  // it is for a folder that is gone
  host_ = nullptr;
  ring_->clear();
  if (Status claimed = claim(); !claimed) return claimed.error();
  options_.layout = layout;
  options_.queue = queue;
  auto host = RingHost::open(options_, claim_);
  if (!host) {
    claim_.reset();  // the next attempt looks at the folder again
    return host.error();
  }
  host_ = &ring_->replace(std::move(*host));
  state_ = RingState::kStarting;
  revoked_ = 0;
  return std::exchange(made_before_, true) ? Kept::kReplaced : Kept::kMade;
}

bool RingKeeper::restore() {
  if (!made_before_ || !needs_care()) return false;
  const uint64_t now = monotonic_ns();
  if (now - restored_ns_ < kRestoreEveryNs) return false;
  restored_ns_ = now;
  const RingState before = state_;
  if (!ensure(options_.layout, options_.queue)) return false;
  set_state(before);
  return true;
}

void RingKeeper::set_state(RingState state) {
  if (host_ && state_ != state) host_->set_state(state_ = state);
}

uint32_t RingKeeper::look_after() {
  if (!host_) return 0;
  host_->tick();
  const uint64_t now = monotonic_ns();
  if (now - looked_at_ns_ < kLookEveryNs) return 0;
  looked_at_ns_ = now;
  const uint64_t before = std::exchange(revoked_, host_->status().revoked);
  return static_cast<uint32_t>(revoked_ - before);
}

void RingKeeper::close() {
  host_ = nullptr;
  ring_->finish();
  claim_.reset();
}

}  // namespace camstream
