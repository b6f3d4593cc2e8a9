#include "capture/v4l2_source.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "base/clock.h"
#include "capture/device_watch.h"
#include "capture/jpeg_path.h"
#include "capture/rate_watch.h"
#include "capture/slow_camera.h"
#include "capture/usb_reset.h"
#include "capture/v4l2_buffers.h"
#include "capture/v4l2_device.h"
#include "capture/v4l2_frame.h"
#include "capture/v4l2_negotiate.h"
#include "capture/v4l2_opener.h"
#include "capture/v4l2_recovery.h"

namespace camstream {
namespace {

constexpr uint32_t kBuffers = 4;
constexpr uint32_t kFewestBuffers = 2;
constexpr uint32_t kMostBuffers = 16;
constexpr uint64_t kTrialNs = 2'000'000'000;
constexpr uint64_t kStallNs = 2'000'000'000;
constexpr uint64_t kFirstFrameNs = 10'000'000'000;
constexpr uint64_t kStallIntervals = 3;  // a camera of one frame in two seconds does not hang

class V4l2Source final : public Source {
 public:
  explicit V4l2Source(V4l2Options options)
      : options_(std::move(options)),
        buffer_count_(options_.buffers ? std::clamp(options_.buffers, kFewestBuffers, kMostBuffers)
                                       : kBuffers),
        may_userptr_(options_.io != V4l2Io::kMmap),
        opener_(options_.path, options_.controls),
        decoders_(options_.decoders) {}

  Status open() override {
    watch_.forget();
    if (std::exchange(reset_usb_, false)) reset_usb();
    auto device = opener_.open();
    if (!device) return device.error();
    device_ = std::move(*device);
    Status ready = agree();
    if (!ready) device_.reset();
    return ready;
  }

  FrameLayout layout() const override { return agreement_.layout; }
  uint32_t queue() const override { return is_jpeg() ? jpeg_picture_slots() : driver_slots(); }
  std::optional<Track> track() const override {
    if (!is_jpeg()) return std::nullopt;
    return Track{TrackCodec::kJpeg, *agreement_.track, driver_slots() + jpeg_track_slots()};
  }

  std::string description() const override {
    if (!device_) return options_.path + ", waited for";
    const FrameLayout& layout = agreement_.layout;
    char shape[96];
    std::snprintf(shape, sizeof shape, "), %ux%u %s", layout.width, layout.height,
                  coding_name(agreement_.choice.mode.fourcc).c_str());
    std::string text = device_->path() + " (" + device_->card() + shape;
    if (layout.rate_numerator) {
      std::snprintf(shape, sizeof shape, " %.6g/s",
                    static_cast<double>(layout.rate_numerator) / layout.rate_denominator);
      text += shape;
    }
    if (buffers_) text += buffers_->memory() == V4L2_MEMORY_USERPTR ? ", USERPTR" : ", MMAP";
    if (jpeg_) text += ", decoded by " + decoders_.description();
    return text;
  }

  // What only time, a cable or somebody's permission can mend. A wrong configuration is told at once.
  std::optional<FrameLayout> expected_layout(const Error& missing) const override {
    const bool may_come = missing.code == "DEVICE_NOT_FOUND" || missing.code == "DEVICE_PERMISSION" ||
                          missing.code == "DEVICE_BUSY" || missing.code == "DEVICE_NO_SIGNAL" ||
                          missing.code == "DEVICE_GONE";
    if (!options_.wait || !may_come) return std::nullopt;
    return expected_of(options_.wish);
  }

  std::optional<bool> wait_for_news(uint32_t timeout_ms) override { return watch_.wait(timeout_ms); }

  Status start(RingHost& ring) override {
    Status started = start_stream(ring);
    if (!started) step_up(started.error());
    return started;
  }

  Result<Next> next(RingHost& ring, uint32_t timeout_ms) override {
    auto outcome = dequeue(ring, timeout_ms);
    if (outcome && *outcome == Next::kFrame) recovery_.reset();
    if (outcome) return outcome;
    const Error reason = outcome.error();
    if (on_trial()) {
      stop_stream(ring);
      if (Status again = fall_back(ring, reason); !again) return again.error();
      return Next::kTimeout;
    }
    if (step_up(reason) != RecoveryStep::kRestart) return reason;
    stop_stream(ring);
    mark_discontinuity();
    if (!start_stream(ring)) return reason;
    return Next::kSilent;
  }

  void stop(RingHost& ring) override {
    stop_stream(ring);
    buffers_.reset();
    counters_.io = SourceIo::kNone;
  }

  void close() override { device_.reset(); }

 private:
  bool is_jpeg() const { return agreement_.coding() == Coding::kJpeg; }
  uint32_t driver_slots() const { return may_userptr_ ? buffer_count_ : 1; }
  // The ring that the driver's bytes go to.
  RingHost& filled(RingHost& ring) const { return is_jpeg() ? *track_ring() : ring; }

  bool on_trial() const { return !proven_ && buffers_ && buffers_->memory() == V4L2_MEMORY_USERPTR; }

  // Agrees on a mode and sets the controls.
  Status agree() {
    CameraWish wish = options_.wish;
    if (recovery_.wants_other_mode()) wish.avoid = agreement_.choice.mode;
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

  // USERPTR is on trial until its first frame; what fails before it is MMAP's turn.
  Status start_stream(RingHost& ring) {
    proven_ = false;
    if (!may_userptr_ || recovery_.wants_mmap()) return start_mmap(ring);
    buffers_ = make_userptr_buffers(*device_, {buffer_count_, agreement_.memory}, counters_);
    Status started = buffers_->start(filled(ring));
    if (!started) return fall_back(ring, started.error());
    counters_.io = SourceIo::kUserptr;
    return begin_stream(ring);
  }

  void stop_stream(RingHost& ring) {
    jpeg_.reset();
    if (buffers_) buffers_->stop(filled(ring));
  }

  Status start_mmap(RingHost& ring) {
    buffers_ = make_mmap_buffers(*device_, {buffer_count_, agreement_.memory});
    if (Status started = buffers_->start(filled(ring)); !started) {
      buffers_.reset();
      return started.error();
    }
    counters_.io = SourceIo::kMmap;
    return begin_stream(ring);
  }

  Status fall_back(RingHost& ring, const Error& reason) {
    buffers_.reset();
    if (reason.code == "DEVICE_GONE" || reason.code == "DEVICE_BUSY") return reason;
    if (options_.io == V4l2Io::kUserptr) {
      return Error{"DEVICE_USERPTR", "the camera " + device_->path() + " (" + device_->card() +
                                         ") cannot write into the ring itself (USERPTR): " + reason.message +
                                         ". Use `io: auto` or `mmap`, which costs one copy a frame."};
    }
    if (Status started = start_mmap(ring); !started) return started.error();
    // A refusal will be one the next time too. Silence, and a refusal by who took it before, may have had
    // other reasons.
    if (reason.code != "CAMERA_STALLED" && !userptr_worked_) may_userptr_ = false;
    give_notice(
        {"DEVICE_USERPTR", device_->path() + " (" + device_->card() + ") cannot write into the ring itself " +
                               "(USERPTR): " + reason.message + ". Each frame is copied once (MMAP)."});
    return ok();
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
      return Error{"DEVICE_SIGNAL_CHANGED", "the signal at the input of " + device_->path() + " (" +
                                                device_->card() + ") has changed; the camera is opened anew"};
    }
    DriverBuffer buffer(*device_, buffers_->memory(), static_cast<uint32_t>(agreement_.memory.size()));
    if (device_->control(VIDIOC_DQBUF, buffer.argument()) != 0) {
      const int reason = errno;
      return reason == EAGAIN ? no_frame() : device_->failure("VIDIOC_DQBUF", reason);
    }
    return deliver(ring, buffer);
  }

  Result<Next> deliver(RingHost& ring, const DriverBuffer& buffer) {
    const uint64_t now_ns = monotonic_ns();
    const uint32_t bytes = buffer.picture_end(agreement_.memory);
    DriverFrame frame = frames_->describe(buffer.head(), bytes, now_ns);
    watch_rate(now_ns, frame.dropped);
    count(counters_.dropped, frame.dropped);
    if (frame.flagged && !jpeg_) count(counters_.corrupt);  // JpegPath counts what it drops
    if (!frame.whole) {
      if (Status back = buffers_->discard(filled(ring), buffer); !back) return back.error();
      if (Status refilled = buffers_->refill(filled(ring)); !refilled) return refilled.error();
      return no_frame();
    }
    auto slot = buffers_->take(filled(ring), buffer);
    if (!slot) return slot.error();
    proven_ = true;
    userptr_worked_ = userptr_worked_ || buffers_->memory() == V4L2_MEMORY_USERPTR;
    if (frame.meta.flags & kFrameEstimatedTime) count(counters_.estimated_time);
    frame.meta.flags |= initial_flags();
    const auto most_bytes = static_cast<uint32_t>(filled(ring).options().layout.payload_size);
    frame.meta.bytes_used = std::min(frame.meta.bytes_used, most_bytes);
    Status taken = jpeg_ ? jpeg_->give(*slot, frame.meta) : ok();
    if (!jpeg_) {
      ring.publish(*slot, frame.meta);
      last_frame_ns_ = now_ns;
    }
    if (taken) taken = buffers_->refill(filled(ring));
    if (!taken) return taken.error();
    return jpeg_ ? no_frame() : Next::kFrame;
  }

  Result<bool> publish_decoded() {
    auto published = jpeg_->publish();
    tell_refusals();
    if (published && *published) last_frame_ns_ = monotonic_ns();
    if (!jpeg_->damage().empty() && !std::exchange(told_damage_, true)) {
      give_notice({"DEVICE_PICTURE",
                   device_->path() + " (" + device_->card() + ") has sent a picture that cannot be shown: " +
                       jpeg_->damage() + ". Such pictures are left out and counted (framesCorrupt). If " +
                       "there are many, look at cable, power and USB bandwidth."});
    }
    return published;
  }

  void tell_refusals() {
    for (Error& refusal : decoders_.take_refusals()) give_notice(std::move(refusal));
  }

  Result<Next> no_frame() const {
    return monotonic_ns() - last_frame_ns_ > stall_ns() ? Result<Next>(stalled()) : Next::kTimeout;
  }

  // No frame for so long: it hangs.
  uint64_t stall_ns() const {
    const uint64_t wanted = options_.stall_ms ? uint64_t{options_.stall_ms} * 1'000'000 : kStallNs;
    if (on_trial()) return kTrialNs;
    if (!proven_) return std::max(wanted, kFirstFrameNs);
    return std::max(wanted, kStallIntervals * rates_.interval_ns());
  }

  Error stalled() const {
    char silence[32];
    std::snprintf(silence, sizeof silence, "%.3g s", static_cast<double>(stall_ns()) / 1e9);
    return {"CAMERA_STALLED", "the camera " + device_->path() + " (" + device_->card() +
                                  ") has given no frame for " + silence +
                                  ". It is started anew; look at cable, power and USB bandwidth."};
  }

  // What is tried against a camera that is there and does not work; each step is told.
  RecoveryStep step_up(const Error& reason) {
    if (reason.code != "CAMERA_STALLED" && reason.code != "DEVICE_SYSTEM") return RecoveryStep::kReopen;
    const RecoveryStep step = recovery_.next();
    reset_usb_ = step == RecoveryStep::kUsbReset;
    const bool told = std::exchange(told_step_, step) == step && step == RecoveryStep::kGivenUp;
    if (!told) give_notice({"CAMERA_RECOVERY", reason.message + " Now " + text_of(step) + "."});
    return step;
  }

  void reset_usb() {
    const std::string folder = opener_.usb_folder();
    if (folder.empty()) return;
    if (Status reset = reset_usb_device(folder); !reset) give_notice(reset.error());
  }

  void watch_rate(uint64_t now_ns, uint32_t dropped) {
    const auto slow = rates_.frame(now_ns, dropped);
    if (slow) give_notice(slow_camera(*device_, agreement_.choice.mode, *slow));
  }

  // Where the choice was ours and is not what could be expected; once for each choice.
  void tell_choice() {
    const ModeChoice& choice = agreement_.choice;
    if (choice.shortfall.empty()) return;
    const std::string text = device_->path() + " (" + device_->card() + ") cannot give " + choice.shortfall +
                             ", which is wanted of it: it gives " + text_of(choice.mode) +
                             ". `camstream-producer devices` lists what it can.";
    if (std::exchange(told_choice_, text) != text) give_notice({"DEVICE_MODE", text});
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
  uint32_t buffer_count_;
  bool may_userptr_;             // not refused yet
  bool userptr_worked_ = false;  // once
  bool proven_ = false;          // a frame has come since the stream began
  bool reset_usb_ = false;       // before the next open()
  DeviceWatch watch_;
  V4l2Opener opener_;
  V4l2Recovery recovery_;
  RecoveryStep told_step_ = RecoveryStep::kRestart;
  std::optional<V4l2Device> device_;
  Agreement agreement_;
  std::unique_ptr<V4l2Buffers> buffers_;
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
