// The thread that feeds an encoder: leases a ring's frames, puts them as NUT into the pipe that is a child's
// standard input, and remembers which went in.
//
// The child reads a large frame out of its slot in the ring, which stays leased until then. Only then comes
// the newest frame that the rate wants: what came meanwhile is passed over. Nothing queues but the small ones
// of which the pipe holds several. It begins with the first frame that is published
// after its own start, and lives as long as the pictures stay as they are: other sizes or colours are another
// encoder's. A child that ends is told by EPIPE.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "capture/fed_frames.h"
#include "capture/frame_picker.h"
#include "capture/frame_pipe.h"
#include "capture/loop_thread.h"
#include "capture/shared_ring.h"

namespace camstream {

struct FeedRequest {
  FrameRate rate;       // 0: the ring's
  uint64_t grid_ns = 0; // times begin at a whole multiple of this before the first frame; not 0
};

// The first frame is there and being written.
struct FeedStart {
  FrameLayout layout;
  FrameRate rate;
  uint64_t captured_ns = 0;
  uint64_t epoch_ns = 0;  // what the container's times count from
};

struct FeedCounters {
  ConversionCounters picked;              // skipped: not wanted by the rate; missed: the child was not ready
  std::atomic<uint64_t> fed{0};
  std::atomic<uint64_t> writing_since_ns{0};  // 0: not writing
  std::atomic<bool> loans_refused{false};     // frames are copied into the pipe instead
};

class FrameFeeder {
 public:
  // Both on the feeder's thread, `over` last and once: after it nothing is fed. Errors: FEED_LAYOUT (the
  // pictures have changed), FEED_READER_GONE, FEED_TORN (a frame was overwritten while half of it had been
  // written), FEED_SOURCE_GONE, FEED_FORMAT, FEED_SYSTEM.
  using Began = std::function<void(const FeedStart&)>;
  using Over = std::function<void(Error)>;

  FrameFeeder(std::shared_ptr<const SharedRing> source, const FeedRequest& request, Began began, Over over);
  ~FrameFeeder();  // stops and joins

  // Any thread; see LoopThread::stop().
  void stop(std::function<void()> ended) { thread_.stop(std::move(ended)); }
  // Any thread. The child goes on as it is: its pictures have times.
  void set_rate(FrameRate rate);

  // Owner. The end of the pipe for the child's standard input; -1 after hand_over().
  int reading_end() const { return pipe_.reading_end(); }
  // Owner, once the child has it: ours is closed, so that the end of the child is noticed.
  void hand_over() { pipe_.hand_over(); }

  // Any thread.
  FedFrames& fed() { return fed_; }
  const FeedCounters& counters() const { return counters_; }

 private:
  void run();
  Status step();
  Status wait_until_read();
  Status attach();
  Status feed(FramePicker::Picked& picked);
  Status write_frame(const FrameMeta& meta, const uint8_t* payload, size_t bytes, FramePipe::By by);
  void begin(const FrameMeta& meta);
  Status write_all(const uint8_t* bytes, size_t count, FramePipe::By by);
  FrameRate rate() const;
  bool stopping() const { return thread_.stopping(); }

  const std::shared_ptr<const SharedRing> source_;
  const uint64_t grid_ns_;
  const Began began_;
  const Over over_;
  FeedCounters counters_;
  FedFrames fed_;
  FramePipe pipe_;
  mutable std::mutex mutex_;
  FrameRate rate_;  // under mutex_
  std::atomic<bool> rate_changed_{false};

  // Feeder's thread only.
  std::optional<FramePicker> picker_;
  std::optional<FramePicker::Picked> in_pipe_;  // leased while the child may still read it
  uint64_t generation_ = 0;
  uint64_t seen_ = 0;
  uint64_t since_ns_ = 0;
  std::optional<FeedStart> start_;
  FrameLayout layout_;
  std::optional<uint64_t> last_us_;
  std::vector<uint8_t> copy_;  // of a frame without a lease

  LoopThread thread_;  // last: it uses everything above
};

}  // namespace camstream
