#include "capture/synthetic_source.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <vector>

#include "base/clock.h"
#include "pixels/test_picture.h"

namespace camstream {
namespace {

constexpr uint32_t kMaxSide = 8192;
constexpr double kMinRate = 0.01;
constexpr double kMaxRate = 1000;
// A frame that is late by less is delivered late, as a driver with a few buffers would; by more, it and
// the others that are over are lost.
constexpr uint64_t kLatePeriods = 3;

class SyntheticSource final : public Source {
 public:
  explicit SyntheticSource(const SyntheticOptions& options) : options_(options) {}

  Status open() override {
    if (const auto wrong = invalid()) return *wrong;
    layout_ = test_picture_layout(options_.format, options_.width, options_.height);
    layout_.rate_numerator = options_.rate.numerator;
    layout_.rate_denominator = options_.rate.denominator;
    picture_ = std::make_unique<TestPicture>(layout_);
    return ok();
  }
  FrameLayout layout() const override { return layout_; }

  std::string description() const override {
    char text[96];
    std::snprintf(text, sizeof text, "test picture, %ux%u %s %.6g/s", options_.width, options_.height,
                  std::string(name_of(options_.format)).c_str(), options_.rate.hertz());
    return text;
  }

  Status start(RingHost& ring) override {
    painted_.assign(ring.memory().slot_count, std::nullopt);
    start_ns_ = monotonic_ns();
    ticks_ = 0;
    return ok();
  }

  Result<Next> next(RingHost& ring, uint32_t timeout_ms) override {
    const uint64_t lost = skip_what_is_over();
    const uint64_t due_ns = start_ns_ + options_.rate.offset_ns(ticks_);
    const uint64_t deadline_ns = monotonic_ns() + uint64_t{timeout_ms} * 1'000'000;
    sleep_until(std::min(due_ns, deadline_ns));
    unreported_ += lost;
    if (due_ns > deadline_ns) return Next::kTimeout;
    ++ticks_;
    ++sequence_;
    return publish(ring);
  }

  void stop(RingHost&) override {}
  void close() override { picture_.reset(); }

 private:
  std::optional<Error> invalid() const {
    const double rate = options_.rate.numerator == 0 ? 0 : options_.rate.hertz();
    const bool size_fits = std::min(options_.width, options_.height) >= 1 &&
                           std::max(options_.width, options_.height) <= kMaxSide;
    if (size_fits && rate >= kMinRate && rate <= kMaxRate) return std::nullopt;
    char message[256];
    std::snprintf(
        message, sizeof message,
        "The test source cannot give %ux%u at %.6g/s. Width and height must be 1 to %u, the rate %g to %g.",
        options_.width, options_.height, rate, kMaxSide, kMinRate, kMaxRate);
    return Error{"SOURCE_OPTION", message};
  }

  // Ticks whose time is long over are not made up for. Returns how many.
  uint64_t skip_what_is_over() {
    const uint64_t elapsed_ns = monotonic_ns() - start_ns_;
    if (elapsed_ns < options_.rate.offset_ns(ticks_ + kLatePeriods)) return 0;
    const uint64_t first = ticks_;
    ticks_ = elapsed_ns / options_.rate.period_ns();
    while (options_.rate.offset_ns(ticks_) > elapsed_ns) --ticks_;  // the period is rounded down
    const uint64_t lost = ticks_ - first;
    sequence_ += lost;
    count(counters_.dropped, lost);
    return lost;
  }

  Result<Next> publish(RingHost& ring) {
    const auto slot = ring.begin();
    if (!slot) return Error{"RING_NO_SLOT", "No slot of the ring is free for the next frame."};
    TestMoment moment{.sequence = sequence_, .captured_ns = monotonic_ns(), .clock_ns = realtime_ns()};
    picture_->paint(ring.payload(*slot), painted_[*slot], moment);
    painted_[*slot] = moment;
    FrameMeta meta;
    meta.captured_ns = moment.captured_ns;
    meta.flags = initial_flags();
    meta.bytes_used = static_cast<uint32_t>(layout_.payload_size);
    meta.dropped_before = static_cast<uint32_t>(std::exchange(unreported_, 0));
    meta.source_sequence = static_cast<uint32_t>(sequence_);
    ring.publish(*slot, meta);
    return Next::kFrame;
  }

  SyntheticOptions options_;
  FrameLayout layout_;
  std::unique_ptr<TestPicture> picture_;
  std::vector<std::optional<TestMoment>> painted_;  // what stands in each slot of the ring
  uint64_t start_ns_ = 0;
  uint64_t ticks_ = 0;       // periods since start_ns_
  uint64_t sequence_ = 0;    // of all frames since this source was made, lost ones included
  uint64_t unreported_ = 0;  // lost, and not yet told in a frame's dropped_before
};

}  // namespace

std::unique_ptr<Source> make_synthetic_source(const SyntheticOptions& options) {
  return std::make_unique<SyntheticSource>(options);
}

}  // namespace camstream
