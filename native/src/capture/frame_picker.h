// Takes from a camera's ring the frames that a derived ring shall get, and accounts for the others.
#pragma once

#include <memory>
#include <optional>

#include "capture/conversion_counters.h"
#include "capture/rate_policy.h"
#include "ring/ring_host.h"

namespace camstream {

class FramePicker {
 public:
  struct Rates {
    FrameRate wanted;  // 0: the source's
    FrameRate source;  // 0: unknown
  };
  // Only frames newer than `after` are looked at, and of those that are there already only the newest.
  FramePicker(std::unique_ptr<RingHost::LocalReader> source, uint64_t after, const Rates& rates,
              ConversionCounters& counters);

  struct Picked {
    FrameView frame;              // give it back with release()
    uint32_t flags = 0;           // its own, and a discontinuity among those passed over since the last pick
    uint32_t dropped_before = 0;  // frames that the derived ring should have had and did not get
  };
  // The newest frame that is wanted, if any came since the last pick. Leased if the source has a lease left.
  std::optional<Picked> pick();
  // False: the frame was not leased and has been overwritten meanwhile; what was made of it is void.
  bool release(Picked& picked);

  // Sleeps until there is something to look at, the timeout ends or the source's ring closes.
  bool wait(uint32_t timeout_ms) { return source_->wait(seen_, timeout_ms); }
  bool closed() const { return source_->closed(); }
  RingState source_state() const;
  const uint8_t* payload(const Picked& picked) const;
  uint64_t seen() const { return seen_; }  // sequence of the last frame looked at

 private:
  std::optional<uint64_t> look_at_new_frames();
  void note_lost(uint64_t source_frames) { lost_ += static_cast<double>(source_frames) * share_; }

  std::unique_ptr<RingHost::LocalReader> source_;
  RatePolicy policy_;
  double share_;  // of the source's frames that are wanted
  uint64_t seen_;
  uint32_t flags_ = 0;  // of frames passed over
  double lost_ = 0;     // not yet told in a frame's dropped_before
  ConversionCounters& counters_;
};

}  // namespace camstream
