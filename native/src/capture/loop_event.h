// What a capture or a conversion thread tells its owner. The binding hands it to the event loop.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "ring/layout.h"

namespace camstream {

struct LoopEvent {
  enum class Kind {
    kStarted,    // frames flow into a ring: description and geometry
    kFailed,     // error, and when the next attempt follows
    kStalled,    // no frames any more; the ring stays
    kRecovered,  // frames again
    kRebuilt,    // a new ring under the old name: geometry
    kEnded,      // the source came to its end and starts anew
    kRevoked,    // `count` leases of hung readers were taken away
    kVisited,    // readers of other processes: the first has joined, or the last has left; `count` there are
    kNotice,     // something chosen differently from what could be expected; error says what and why
  };
  Kind kind = Kind::kStarted;
  std::string description{};
  std::optional<RingGeometry> geometry{};
  Error error{};
  uint32_t retry_in_ms = 0;
  uint32_t count = 0;
};

// Called on the loop's own thread; must not block.
using LoopEventSink = std::function<void(LoopEvent)>;

}  // namespace camstream
