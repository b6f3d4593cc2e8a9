#include "ring/standing_join.h"

#include "base/clock.h"

namespace camstream {
namespace {

constexpr uint64_t kAgainNs = 1'000'000'000;

}  // namespace

StandingJoin::StandingJoin(RingFile& file, FrameStore& store, bool wanted)
    : file_(file), store_(store), wanted_(wanted), overdue_ns_(monotonic_ns() + kJoinPatienceNs) {
  settled_.store_relaxed(wanted ? 0 : 1);
  step();
}

void StandingJoin::step() {
  if (!wanted_) return;
  const uint64_t now_ns = monotonic_ns();
  if (!attempt_) {
    if (now_ns < next_ns_) return;
    attempt_.emplace(file_.folder());
  }
  if (auto answer = attempt_->look()) {
    attempt_.reset();
    next_ns_ = now_ns + kAgainNs;
    file_.adopt(std::move(*answer));
    if (file_.registered()) {
      store_.join(file_.make_reader());
      wanted_ = false;
    }
    settled_.store_relaxed(1);
  } else if (!settled() && now_ns >= overdue_ns_) {
    file_.adopt(join_refused("the producer did not answer within 500 ms"));
    settled_.store_relaxed(1);
  }
}

void StandingJoin::wait(uint32_t timeout_ms) {
  if (attempt_) attempt_->wait(timeout_ms);
  step();
}

}  // namespace camstream
