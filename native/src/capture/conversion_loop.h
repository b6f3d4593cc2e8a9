// The conversion thread: reads the ring of a camera or of another conversion in this process, and writes
// what it makes of the frames straight into the slots of a ring of its own.
//
// It works on the newest frame that its rate wants. It follows its source: a source that stalls, comes
// back or is rebuilt does the same to this ring, which is replaced only when the picture's layout
// changes or its folder was taken away. Paused, it holds nothing of the source and costs nothing, and its
// ring says so; who joins it is told to the owner, who may wake it. While the source is down it can show a
// notice, so that whoever watches does not see a frozen picture.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "capture/backoff.h"
#include "capture/conversion_counters.h"
#include "capture/frame_picker.h"
#include "capture/loop_event.h"
#include "capture/loop_thread.h"
#include "capture/ring_keeper.h"
#include "pixels/conversion_plan.h"

namespace camstream {

struct ConversionRequest {
  ConversionOptions picture;
  FrameRate rate;  // 0: the source's
};

class ConversionLoop {
 public:
  // What came of the first attempt; called once, on the conversion thread, before any event (by the
  // constructor where there is no thread to be had). After an error the loop has ended. Errors: CONVERSION_*,
  // those of RingHost::open(), and CONVERSION_NO_SOURCE.
  using Opened = std::function<void(Status)>;

  // `ring`: its layout, queue and nominal rate are filled in.
  ConversionLoop(std::shared_ptr<const SharedRing> source, const ConversionRequest& request,
                 RingHostOptions ring, Opened opened, LoopEventSink events);
  ~ConversionLoop();  // stops and joins

  // Any thread. `ended` is called on the conversion thread, as the last thing it does. Only the first call
  // counts.
  void stop(std::function<void()> ended);
  // Any thread. It starts active.
  void set_active(bool active);

  // Any thread. What this ring shows, once a second, in place of frames while its source is down; lines are
  // parted by newlines. Empty: nothing, its last frame stays.
  void set_notice(std::string text);

  // Any thread.
  std::shared_ptr<const SharedRing> ring() const { return keeper_.ring(); }
  const ConversionCounters& counters() const { return counters_; }

 private:
  void run();
  Status attach_first();
  Result<bool> attach();
  Status plan_for(const FrameLayout& from);
  Status ensure_ring();
  Status step();
  Status convert(FramePicker::Picked& picked);
  Status show_notice();
  void park();
  bool visited_anew() const;
  void follow_state(RingState source);
  void detach();
  void fail(const Error& error);
  void look_after_ring();
  void wait(uint32_t milliseconds);
  bool stopping() const { return thread_.stopping(); }
  void emit(LoopEvent::Kind kind, LoopEvent event = {});

  const std::shared_ptr<const SharedRing> source_;
  const ConversionRequest request_;
  const Opened opened_;
  const LoopEventSink events_;
  RingKeeper keeper_;
  ConversionCounters counters_;

  // Conversion thread only.
  std::optional<FramePicker> picker_;  // while attached to the source's ring
  uint64_t generation_ = 0;            // of the source's ring
  uint64_t seen_ = 0;                  // its last frame looked at
  FrameLayout source_layout_;
  FrameLayout layout_;
  std::unique_ptr<ConversionPlan> plan_;
  RingState state_ = RingState::kStarting;
  bool told_down_ = false;  // as stalled or failed; that it has recovered is due, whatever became of the ring
  bool visited_ = false;    // as told
  bool discontinuity_ = false;
  Backoff backoff_;
  uint64_t noticed_ns_ = 0;     // when the last notice was shown
  std::string noticed_;         // and what it said

  std::atomic<bool> active_{true};
  std::mutex notice_mutex_;
  std::string notice_;  // under notice_mutex_
  LoopThread thread_;  // last: it uses everything above
};

}  // namespace camstream
