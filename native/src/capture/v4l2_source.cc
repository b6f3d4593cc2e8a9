#include "capture/v4l2_source.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "base/clock.h"
#include "capture/device_watch.h"
#include "capture/jpeg_path.h"
#include "capture/rate_watch.h"
#include "capture/slow_camera.h"
#include "capture/stall_limit.h"
#include "capture/usb_reset.h"
#include "capture/v4l2_care.h"
#include "capture/v4l2_device.h"
#include "capture/v4l2_frame.h"
#include "capture/v4l2_messages.h"
#include "capture/v4l2_negotiate.h"
#include "capture/v4l2_opener.h"

namespace camstream {
namespace {

constexpr uint64_t kTrialNs = 2'000'000'000;

class V4l2Source final : public Source {
 public:
  explicit V4l2Source(V4l2Options options)
      : options_(std::move(options)),
        transfer_(options_.io, options_.buffers, counters_,
                  [this](Error notice) { give_notice(std::move(notice)); }),
        opener_(options_.path, options_.controls),
        care_([](const std::string& folder) { return reset_usb_device(folder); },
              [this](Error notice) { give_notice(std::move(notice)); }),
        decoders_(options_.decoders) {}

  Status open() override {
    watch_.forget();
    care_.before_open([this] { return opener_.usb_folder(); });
    auto device = opener_.open();
    if (!device) return device.error();
    device_ = std::move(*device);
    Status ready = agree();
    if (!ready) device_.reset();
    return ready;
  }

  FrameLayout layout() const override { return agreement_.layout; }
  uint32_t queue() const override { return is_jpeg() ? jpeg_picture_slots() : transfer_.slots(); }
  std::optional<Track> track() const override {
    if (!is_jpeg()) return std::nullopt;
    return Track{TrackCodec::kJpeg, *agreement_.track, transfer_.slots() + jpeg_track_slots()};
  }

  std::string description() const override {
    if (!device_) return options_.path + ", waited for";
    std::string text = text_of(*device_, agreement_);
    if (transfer_.buffers()) text += transfer_.is_userptr() ? ", USERPTR" : ", MMAP";
    if (jpeg_) text += ", decoded by " + decoders_.description();
    return text;
  }

  std::optional<FrameLayout> expected_layout(const Error& missing) const override {
    if (!options_.wait || !may_come_later(missing)) return std::nullopt;
    return expected_of(options_.wish);
  }

  std::optional<bool> wait_for_news(uint32_t timeout_ms) override { return watch_.wait(timeout_ms); }

  Status start(RingHost& ring) override {
    Status started = start_stream(ring);
    if (!started) care_.failed(started.error());
    return started;
  }

  Result<Next> next(RingHost& ring, uint32_t timeout_ms) override {
    auto outcome = dequeue(ring, timeout_ms);
    if (outcome && *outcome == Next::kFrame) care_.frame_came();
    if (outcome) return outcome;
    const Error reason = outcome.error();
    if (transfer_.on_trial()) {
      stop_stream(ring);
      Status again = transfer_.fall_back(*device_, filled(ring), reason);
      if (again) again = begin_stream(ring);
      return again ? Result<Next>(Next::kTimeout) : again.error();
    }
    if (care_.failed(reason) != RecoveryStep::kRestart) return reason;
    stop_stream(ring);
    mark_discontinuity();
    if (!start_stream(ring)) return reason;
    return Next::kSilent;
  }

  void stop(RingHost& ring) override {
    stop_stream(ring);
    transfer_.release();
  }

  void close() override { device_.reset(); }

 private:
  bool is_jpeg() const { return agreement_.coding() == Coding::kJpeg; }
  // The ring that the driver's bytes go to.
  RingHost& filled(RingHost& ring) const { return is_jpeg() ? *track_ring() : ring; }

  // Agrees on a mode and sets the controls.
  Status agree() {
    CameraWish wish = options_.wish;
    if (care_.wants_other_mode()) wish.avoid = agreement_.choice.mode;
    auto agreement = negotiate(*device_, wish);
    if (!agreement) return agreement.error();
    agreement_ = *agreement;
    tell_choice();
    std::vector<Error> notices;
    if (Status set = opener_.set_up(*device_, notices); !set) return set;
    for (Error& notice : notices) give_notice(std::move(notice));
    watch_signal();
    return ok();
  }

  Status start_stream(RingHost& ring) {
    const bool mmap = care_.wants_mmap();
    Status started = transfer_.start(*device_, agreement_.memory, filled(ring), mmap);
    return started ? begin_stream(ring) : started;
  }

  void stop_stream(RingHost& ring) {
    jpeg_.reset();
    transfer_.stop(filled(ring));
  }

  Status begin_stream(RingHost& ring) {
    frames_.emplace();
    const FrameRate rate{agreement_.layout.rate_numerator, agreement_.layout.rate_denominator};
    rates_ = RateWatch(rate.numerator ? rate.hertz() : 0);
    last_frame_ns_ = monotonic_ns();
    if (!is_jpeg()) return ok();
    jpeg_.emplace(ring, *track_ring(), decoders_, counters_);
    const Status started = jpeg_->start();
    tell_refusals();
    return started;
  }

  // One frame, or word of a signal that has changed.
  Result<Next> dequeue(RingHost& ring, uint32_t timeout_ms) {
    if (jpeg_) {
      const auto published = publish_decoded();
      if (!published || *published) return published ? Result<Next>(Next::kFrame) : published.error();
    }
    pollfd ready[] = {{device_->fd(), POLLIN | POLLPRI, 0},
                      {jpeg_ ? jpeg_->ready() : -1, POLLIN, 0}};
    const int events = poll(ready, 2, static_cast<int>(timeout_ms));
    if (events > 0 && ready[0].revents & POLLPRI && take_events()) {
      return signal_changed(*device_);
    }
    DriverBuffer buffer(*device_, transfer_.buffers()->memory(),
                        static_cast<uint32_t>(agreement_.memory.size()));
    if (device_->control(VIDIOC_DQBUF, buffer.argument()) != 0) {
      const int reason = errno;
      return reason == EAGAIN ? no_frame() : device_->failure("VIDIOC_DQBUF", reason);
    }
    return deliver(ring, buffer);
  }

  Result<Next> deliver(RingHost& ring, const DriverBuffer& buffer) {
    V4l2Buffers& buffers = *transfer_.buffers();
    const uint64_t now_ns = monotonic_ns();
    const uint32_t bytes = buffer.picture_end(agreement_.memory);
    DriverFrame frame = frames_->describe(buffer.head(), bytes, now_ns);
    watch_rate(now_ns, frame.dropped);
    count(counters_.dropped, frame.dropped);
    if (frame.flagged && !jpeg_) count(counters_.corrupt);  // JpegPath counts what it drops
    if (!frame.whole) {
      if (Status back = buffers.discard(filled(ring), buffer); !back) return back.error();
      if (Status refilled = buffers.refill(filled(ring)); !refilled) return refilled.error();
      return no_frame();
    }
    auto slot = buffers.take(filled(ring), buffer);
    if (!slot) return slot.error();
    transfer_.prove();
    if (frame.meta.flags & kFrameEstimatedTime) count(counters_.estimated_time);
    frame.meta.flags |= initial_flags();
    const auto most_bytes = static_cast<uint32_t>(filled(ring).options().layout.payload_size);
    frame.meta.bytes_used = std::min(frame.meta.bytes_used, most_bytes);
    Status taken = jpeg_ ? jpeg_->give(*slot, frame.meta) : ok();
    if (!jpeg_) {
      ring.publish(*slot, frame.meta);
      last_frame_ns_ = now_ns;
    }
    if (taken) taken = buffers.refill(filled(ring));
    if (!taken) return taken.error();
    return jpeg_ ? no_frame() : Next::kFrame;
  }

  Result<bool> publish_decoded() {
    auto published = jpeg_->publish();
    tell_refusals();
    if (published && *published) last_frame_ns_ = monotonic_ns();
    if (!jpeg_->damage().empty() && !std::exchange(told_damage_, true)) {
      give_notice(damaged_picture(*device_, jpeg_->damage()));
    }
    return published;
  }

  void tell_refusals() {
    for (Error& refusal : decoders_.take_refusals()) give_notice(std::move(refusal));
  }

  Result<Next> no_frame() const {
    if (monotonic_ns() - last_frame_ns_ <= stall_ns()) return Next::kTimeout;
    return stalled(*device_, stall_ns());
  }

  // No frame for so long: it hangs.
  uint64_t stall_ns() const {
    if (transfer_.on_trial()) return kTrialNs;
    return stall_limit_ns(options_.stall_ms, transfer_.proven(), rates_.interval_ns());
  }

  void watch_rate(uint64_t now_ns, uint32_t dropped) {
    const auto slow = rates_.frame(now_ns, dropped);
    if (slow) give_notice(slow_camera(*device_, agreement_.choice.mode, *slow));
  }

  // Where the choice was ours and is not what could be expected; once for each choice.
  void tell_choice() {
    if (agreement_.choice.shortfall.empty()) return;
    Error notice = short_of_wish(*device_, agreement_.choice);
    if (std::exchange(told_choice_, notice.message) != notice.message) give_notice(std::move(notice));
  }

  void watch_signal() {
    if (!agreement_.dv_timings) return;
    v4l2_event_subscription source_change{};
    source_change.type = V4L2_EVENT_SOURCE_CHANGE;
    device_->control(VIDIOC_SUBSCRIBE_EVENT,
                     &source_change);  // a driver without: then frames stop and it stalls
  }

  // True: the signal has changed.
  bool take_events() {
    bool changed = false;
    for (v4l2_event event{}; device_->control(VIDIOC_DQEVENT, &event) == 0; event = {}) {
      changed = changed || event.type == V4L2_EVENT_SOURCE_CHANGE;
      if (event.type == V4L2_EVENT_CTRL) opener_.note(event);
    }
    return changed;
  }

  V4l2Options options_;
  V4l2Transfer transfer_;
  DeviceWatch watch_;
  V4l2Opener opener_;
  V4l2Care care_;
  std::optional<V4l2Device> device_;
  Agreement agreement_;
  std::optional<DriverFrames> frames_;
  RateWatch rates_;
  uint64_t last_frame_ns_ = 0;
  DecoderChoice decoders_;
  std::optional<JpegPath> jpeg_;  // while a stream of JPEG runs
  std::string told_choice_;
  bool told_damage_ = false;
};

}  // namespace

std::unique_ptr<Source> make_v4l2_source(V4l2Options options) {
  return std::make_unique<V4l2Source>(std::move(options));
}

}  // namespace camstream
