// The capture thread: runs one source and owns the ring it fills.
//
//   open source -> ring from its layout -> start -> next, next, next ...
//
// A failure never ends it: the ring stays and says `stalled`, and the source is opened again after
// 0.2 s, 0.4 s ... 2 s until it works. The first frame afterwards carries kFrameDiscontinuity. The ring
// is replaced only if the picture's layout has changed or the ring's folder was taken away, which is looked
// after while the source is down as well.
//
// Another source can be put in its place while it runs: it is opened beside it, and only if that works the
// ring is filled by the new one.
//
// The source is opened on this thread and no other, so that a child process that is to die with its
// parent thread (PR_SET_PDEATHSIG) lives exactly as long as the capture does.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "capture/backoff.h"
#include "capture/loop_event.h"
#include "capture/loop_thread.h"
#include "capture/ring_keeper.h"
#include "capture/source.h"
#include "capture/source_change.h"
#include "capture/track_keeper.h"

namespace camstream {

class CaptureLoop {
 public:
  // What came of the very first attempt; called once, on the capture thread, before any event (by the
  // constructor where there is no thread to be had). After an error the loop has ended: a wrong device is
  // told at once and not tried for ever.
  using Opened = std::function<void(Status)>;

  // `ring`: its layout and queue are filled in from the source.
  CaptureLoop(std::unique_ptr<Source> source, RingHostOptions ring, Opened opened, LoopEventSink events);
  ~CaptureLoop();  // stops and joins

  // Any thread. `ended` is called on the capture thread, as the last thing it does, when device and
  // ring are closed. Only the first call counts. An open() under way is given up.
  void stop(std::function<void()> ended);

  // Any thread. `changed` is called on the capture thread: with what is wrong with the new source, and then
  // the old one runs on; or with ok(), and then the new one is opened again after failures. Also
  // CAPTURE_CHANGED (yet another was given before this one was tried), CAPTURE_CLOSED.
  void change(std::unique_ptr<Source> source, std::function<void(Status)> changed);

  // Any thread.
  std::shared_ptr<const SharedRing> ring() const { return keeper_.ring(); }
  std::vector<TrackRing> tracks() const { return track_.rings(); }
  RingState state() const { return state_.load(); }
  std::string description() const;
  // Of the source that runs; another one's begin anew.
  std::shared_ptr<const SourceCounters> counters() const;

 private:
  enum class Outcome { kStopped, kRingUnfit, kEnded, kFailed, kSucceeded };

  void run();
  Status bring_up();
  void bring_up_again();
  bool find_successor();
  void take_over();
  Status await_source(const Error& missing);
  void tell_started();
  Status ensure_ring();
  Outcome stream(Error& error);
  void stop_source();
  void close_source();
  void fail(const Error& error);
  void look_after_ring();
  void pass_on_notices();
  void wait(uint32_t milliseconds);
  bool stopping() const { return thread_.stopping(); }
  void enter(RingState state);
  void describe();
  void emit(LoopEvent::Kind kind, LoopEvent event = {});

  const Opened opened_;
  const LoopEventSink events_;
  RingKeeper keeper_;
  TrackKeeper track_;

  WaitingChange change_;

  // Capture thread only.
  std::optional<SourceChange> successor_;  // open
  bool source_open_ = false;
  bool source_started_ = false;
  bool started_before_ = false;
  bool told_started_ = false;
  Backoff backoff_;

  std::atomic<RingState> state_{RingState::kStarting};
  mutable std::mutex mutex_;
  std::string description_;  // under mutex_
  // Set by the capture thread under mutex_, which it need not lock to read it.
  std::shared_ptr<Source> source_;
  LoopThread thread_;        // last: it uses everything above
};

}  // namespace camstream
