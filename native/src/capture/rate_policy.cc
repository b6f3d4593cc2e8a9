#include "capture/rate_policy.h"

#include <algorithm>

namespace camstream {
namespace {

// How slowly the rhythm follows the source's. With 30/s made of 60/s, a camera that is a little fast
// would otherwise drift across the limit between two frames and give pairs of near and far ones there.
constexpr int64_t kFollow = 32;

uint64_t period_of(FrameRate wanted, FrameRate source) {
  if (wanted.numerator == 0) return 0;
  if (source.numerator != 0 && wanted.hertz() >= source.hertz()) return 0;
  return wanted.period_ns();
}

// Half of the source's period: of two frames, the nearer one.
int64_t tolerance_of(uint64_t period_ns, FrameRate source) {
  const uint64_t source_ns = source.numerator == 0 ? period_ns / 2 : source.period_ns();
  return static_cast<int64_t>(std::min(source_ns, period_ns) / 2);
}

}  // namespace

RatePolicy::RatePolicy(FrameRate wanted, FrameRate source)
    : period_ns_(period_of(wanted, source)), tolerance_ns_(tolerance_of(period_ns_, source)) {}

bool RatePolicy::wants(uint64_t captured_ns) {
  if (period_ns_ == 0) return true;
  const bool backwards = captured_ns < last_ns_;  // the source was restarted, or its clock was replaced
  last_ns_ = captured_ns;
  if (!started_ || backwards) {
    started_ = true;
    due_ns_ = captured_ns + period_ns_;
    return true;
  }
  const auto late_ns = static_cast<int64_t>(captured_ns - due_ns_);
  if (late_ns < -tolerance_ns_) return false;
  const bool after_a_gap = late_ns >= static_cast<int64_t>(period_ns_);
  due_ns_ = after_a_gap ? captured_ns : due_ns_ + static_cast<uint64_t>(late_ns / kFollow);
  due_ns_ += period_ns_;
  return true;
}

}  // namespace camstream
