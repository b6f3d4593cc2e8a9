// Where raw frames come from. The capture loop runs one on its own native thread:
//
//   open -> (ring is made from layout()) -> start -> next, next, next ... -> stop -> close
//
// and begins anew after a failure. A source writes straight into slots of the ring.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "capture/source_counters.h"
#include "pixels/pixel_format.h"
#include "ring/ring_host.h"

namespace camstream {

enum class TrackCodec { kJpeg, kH264 };

class Source {
 public:
  virtual ~Source() = default;

  // Finds and sets up the device or file; afterwards layout() and queue() hold.
  virtual Status open() = 0;
  virtual FrameLayout layout() const = 0;
  virtual uint32_t queue() const { return 1; }  // slots held at once while streaming
  virtual std::string description() const = 0;  // for people: "/dev/video0 vivid, 640x480 yuyv 30/s, USERPTR"

  // Pictures as the camera compressed them, for a second ring beside the first; after open().
  struct Track {
    TrackCodec codec = TrackCodec::kJpeg;
    FrameLayout layout;
    uint32_t queue = 1;  // slots held at once
  };
  virtual std::optional<Track> track() const { return std::nullopt; }
  // The capture loop, before each start(): the track's ring, which stays until stop(). Null: there is none.
  void set_track_ring(RingHost* ring) { track_ring_ = ring; }

  // Of a source that may be plugged in after the start: what its pictures will most likely be, so that there
  // is a ring meanwhile. Nothing: a first open() that fails with `missing` is told and ends the capture.
  virtual std::optional<FrameLayout> expected_layout(const Error& /*missing*/) const { return std::nullopt; }
  // Between a failure and the next open(): waits for word that it may succeed now, for at most timeout_ms,
  // which is short. Nothing: no such word is ever to be had.
  virtual std::optional<bool> wait_for_news(uint32_t /*timeout_ms*/) { return std::nullopt; }

  virtual Status start(RingHost& ring) = 0;

  enum class Next {
    kFrame,
    kTimeout,
    kEnded,
    kSilent,     // nothing came for too long, and the source does something about it
    kNewLayout,  // layout() is another from the next frame on; stop() and start() with a ring for it follow
  };
  // Waits for at most timeout_ms (bounded, so that the loop can stop) and publishes at most one frame.
  // An error ends the stream: stop() follows, then open() again.
  virtual Result<Next> next(RingHost& ring, uint32_t timeout_ms) = 0;

  // Takes every slot back (cancel_dirty where the driver may have written).
  virtual void stop(RingHost& ring) = 0;
  virtual void close() = 0;

  // Any thread, for good: what open() waits for is wanted no more, and it fails soon.
  void give_up() { given_up_ = true; }

  // The capture loop, before a start() that is not the first one.
  void mark_discontinuity() { discontinuity_ = true; }
  // The capture loop, now and then: what has been chosen differently from what could be expected.
  std::vector<Error> take_notices() { return std::exchange(notices_, {}); }
  // May be read from any thread.
  const SourceCounters& counters() const { return counters_; }

 protected:
  const std::atomic<bool>& given_up() const { return given_up_; }
  // The flags a frame starts with; a source adds its own and gives them to publish().
  uint32_t initial_flags() { return std::exchange(discontinuity_, false) ? kFrameDiscontinuity : 0u; }
  RingHost* track_ring() const { return track_ring_; }
  void give_notice(Error notice) { notices_.push_back(std::move(notice)); }
  SourceCounters counters_;

 private:
  std::atomic<bool> given_up_{false};
  std::vector<Error> notices_;
  bool discontinuity_ = false;
  RingHost* track_ring_ = nullptr;
};

}  // namespace camstream
