#include "capture/pipe_source.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/clock.h"
#include "capture/carrier_reader.h"
#include "capture/child_process.h"
#include "capture/fault_error.h"

namespace camstream {
namespace {

constexpr uint64_t kFirstNs =
    20'000'000'000;  // to the first picture: plugins are looked through, cameras called
constexpr uint64_t kStallNs = 2'000'000'000;
constexpr uint64_t kStallPeriods = 4;
constexpr uint32_t kLookMs = 50;
constexpr uint32_t kLeavingMs = 1500;           // for a camera on the network to be told goodbye
constexpr uint64_t kOldestNs = 30'000'000'000;  // what pipelines delay at most: buffers of network sources
constexpr uint64_t kShortNs = 1'000'000'000;    // one that ends sooner is not worth running round and round
constexpr uint64_t kLargestGap = 100'000;

class PipeSource final : public Source {
 public:
  explicit PipeSource(PipelineOptions options) : options_(std::move(options)) {
    if (options_.camera) camera_.emplace(*options_.camera);
  }

  // Up to the first picture, which is left in the pipe: then its layout is known.
  Status open() override {
    if (access(options_.program.c_str(), X_OK) != 0) {
      return Error{"GST_SYSTEM", "the program `" + options_.program +
                                     "`, which runs GStreamer pipelines, is not there. It comes with the "
                                     "native part: `npm run build:native`, or install @camstream/core anew."};
    }
    if (Status ready = prepare(); !ready) return ready;
    auto child = ChildProcess::start({options_.program, pipeline_text(options_.pipeline, options_.wish)});
    if (!child) return child.error();
    child_.emplace(std::move(*child));
    reader_.emplace(child_->output());
    begun_ns_ = heard_ns_ = monotonic_ns();
    last_number_ = kNoCarrierNumber;
    frames_ = 0;
    Status opened = await_format();
    if (!opened) end_child();
    return opened;
  }

  std::optional<FrameLayout> expected_layout(const Error& missing) const override {
    return camera_ ? camera_->expected_layout(missing) : std::nullopt;
  }
  std::optional<bool> wait_for_news(uint32_t timeout_ms) override {
    return camera_ ? std::optional(camera_->wait_for_news(timeout_ms)) : std::nullopt;
  }

  FrameLayout layout() const override { return reader_ ? reader_->layout() : FrameLayout{}; }

  std::string description() const override {
    if (!reader_) return (camera_ ? options_.camera->path : head()) + ", waited for";
    const FrameLayout now = layout();
    char shape[96];
    std::snprintf(shape, sizeof shape, ", %ux%u %s", now.width, now.height,
                  std::string(name_of(static_cast<PixelFormat>(now.fourcc))).c_str());
    std::string text = "GStreamer `" + options_.pipeline + "`" + shape;
    if (now.rate_numerator == 0) return text;
    std::snprintf(shape, sizeof shape, " %.6g/s", rate().hertz());
    return text + shape;
  }

  Status start(RingHost&) override {
    heard_ns_ = monotonic_ns();
    return ok();
  }

  Result<Next> next(RingHost& ring, uint32_t timeout_ms) override {
    const uint64_t deadline_ns = monotonic_ns() + uint64_t{timeout_ms} * 1'000'000;
    if (!slot_) slot_ = ring.begin();
    if (!slot_) return Error{"RING_NO_SLOT", "No slot of the ring is free for the next frame."};
    for (;;) {
      const auto got = reader_->read(ring.payload(*slot_));
      if (!got) return got.error();
      const uint64_t now = monotonic_ns();
      switch (*got) {
        case CarrierReader::Got::kFrame: return publish(ring, now);
        case CarrierReader::Got::kFormat: return Next::kNewLayout;
        case CarrierReader::Got::kNotice: tell_notice(); continue;
        case CarrierReader::Got::kFault: return fault();
        case CarrierReader::Got::kEnd: return at_end(now);
        case CarrierReader::Got::kClosed: return child_died();
        case CarrierReader::Got::kNoRoom:
        case CarrierReader::Got::kNothing: break;
      }
      if (now - heard_ns_ > stall_ns()) return stalled();
      if (now >= deadline_ns) return Next::kTimeout;
      wait(static_cast<uint32_t>((deadline_ns - now) / 1'000'000) + 1);
    }
  }

  void stop(RingHost& ring) override {
    if (slot_) reader_->inside_frame() ? ring.cancel_dirty(*slot_) : ring.cancel_untouched(*slot_);
    slot_.reset();
    reader_->drop_frame();
  }

  void close() override { end_child(); }

 private:
  FrameRate rate() const { return {layout().rate_numerator, layout().rate_denominator}; }

  Status prepare() {
    if (!camera_) return ok();
    std::vector<Error> notices;
    auto pipeline = camera_->prepare(notices);
    for (Error& notice : notices) give_notice(std::move(notice));
    if (!pipeline) return pipeline.error();
    options_.pipeline = pipeline->text;
    options_.wish = pipeline->wish;
    return ok();
  }

  Status await_format() {
    for (;;) {
      const auto got = reader_->read(nullptr);
      if (!got) return got.error();
      switch (*got) {
        case CarrierReader::Got::kFormat: return ok();
        case CarrierReader::Got::kNotice: tell_notice(); continue;
        case CarrierReader::Got::kFault: return fault();
        case CarrierReader::Got::kEnd: return nothing_came("it came to its end without a picture");
        case CarrierReader::Got::kClosed: return child_died();
        default: break;
      }
      if (given_up()) return Error{"GST_FAILED", head() + "it is wanted no more"};
      if (monotonic_ns() - begun_ns_ > kFirstNs) {
        return nothing_came("no picture has come within " + std::to_string(kFirstNs / 1'000'000'000) + " s");
      }
      wait(kLookMs);
    }
  }

  void wait(uint32_t milliseconds) {
    child_->complaints();  // read now and then, so that a full pipe of complaints cannot block it
    pollfd ready{child_->output(), POLLIN, 0};
    poll(&ready, 1, static_cast<int>(milliseconds));
  }

  Next publish(RingHost& ring, uint64_t now) {
    const CarrierHead& head = reader_->head();
    FrameMeta meta;
    meta.captured_ns = head.captured_ns;
    meta.flags = initial_flags();
    const bool usable = head.captured_ns <= now && now - head.captured_ns <= kOldestNs;
    if (!usable) meta.captured_ns = now;
    if (!usable || head.flags & kCarrierNoTime) {
      meta.flags |= kFrameEstimatedTime;
      count(counters_.estimated_time);
    }
    if (head.flags & kCarrierCorrupt) {
      meta.flags |= kFrameCorrupt;
      count(counters_.corrupt);
    }
    const uint64_t lost = lost_before(head.number);
    count(counters_.dropped, lost);
    meta.dropped_before = static_cast<uint32_t>(lost);
    meta.source_sequence = static_cast<uint32_t>(head.number == kNoCarrierNumber ? frames_ : head.number);
    meta.bytes_used = static_cast<uint32_t>(head.body_size);
    ring.publish(*slot_, meta);
    slot_.reset();
    ++frames_;
    heard_ns_ = now;
    return Next::kFrame;
  }

  // Sources that count their pictures leave a gap where one was dropped, by themselves or for our slowness.
  uint64_t lost_before(uint64_t number) {
    const uint64_t before = std::exchange(last_number_, number);
    if (before == kNoCarrierNumber || number == kNoCarrierNumber || number <= before) return 0;
    const uint64_t lost = number - before - 1;
    return lost <= kLargestGap ? lost : 0;
  }

  uint64_t stall_ns() const {
    if (frames_ == 0) return kFirstNs;
    return rate().numerator ? std::max(kStallNs, kStallPeriods * rate().period_ns()) : kStallNs;
  }

  std::string head() const { return "the pipeline `" + options_.pipeline + "`: "; }

  // What the child wrote to its standard error, where GStreamer's own words do not say it.
  std::string complaints() {
    const std::string said = child_->complaints();
    return said.empty() ? "" : " It said: " + said;
  }

  Error fault() {
    return fault_error(static_cast<GstFault>(reader_->head().flags), reader_->text(), options_.pipeline,
                       text_of(options_.wish));
  }

  Error nothing_came(const std::string& what) {
    return {"GST_NO_VIDEO",
            head() + what + ". Try it with `gst-launch-1.0 -v PIPELINE ! autovideosink`." + complaints()};
  }

  Result<Next> at_end(uint64_t now) {
    if (now - begun_ns_ >= kShortNs) return Next::kEnded;
    return Error{"GST_ENDED", head() + "it came to its end after " + std::to_string(frames_) +
                                  " pictures, within a second; it is started again"};
  }

  Error child_died() {
    const int status = child_->wait(kLeavingMs);
    return {"GST_FAILED", head() + "GStreamer's process ended with status " + std::to_string(status) +
                              " after " + std::to_string(frames_) +
                              " pictures (128 and more: killed by signal " + "status - 128)." + complaints()};
  }

  Error stalled() {
    return {"CAMERA_STALLED", head() + "no frame for " + std::to_string(stall_ns() / 1'000'000'000) +
                                  " s; it is started anew. Look at the camera, its cable or its network." +
                                  complaints()};
  }

  void tell_notice() { give_notice({"GST_NOTICE", head() + reader_->text()}); }

  // Its elements are stopped in order if they let themselves be: a camera on the network hears of it.
  void end_child() {
    reader_.reset();
    if (child_) child_->finish(kLeavingMs);
    child_.reset();
  }

  PipelineOptions options_;
  std::optional<GstCamera> camera_;
  std::optional<ChildProcess> child_;
  std::optional<CarrierReader> reader_;
  std::optional<uint32_t> slot_;  // being filled
  uint64_t begun_ns_ = 0;
  uint64_t heard_ns_ = 0;  // when the last picture came
  uint64_t frames_ = 0;    // since open()
  uint64_t last_number_ = kNoCarrierNumber;
};

}  // namespace

std::unique_ptr<Source> make_pipe_source(PipelineOptions options) {
  return std::make_unique<PipeSource>(std::move(options));
}

}  // namespace camstream
