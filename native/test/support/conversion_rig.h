// A camera ring filled by hand and a conversion beside it, with what the conversion told.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "capture/conversion_loop.h"
#include "pixels/block_code.h"
#include "pixels/row_code.h"
#include "pixels/test_picture.h"
#include "support/ring_options.h"
#include "support/temporary_root.h"

namespace camstream {

// A camera ring that the test fills by hand.
class Camera {
 public:
  explicit Camera(const TemporaryRoot& root, PixelFormat format = PixelFormat::kYuyv)
      : root_(root), format_(format), shared_(std::make_shared<SharedRing>()) {
    rebuild(320, 240);
  }

  void rebuild(uint32_t width, uint32_t height) {
    RingHostOptions options = small_ring(root_.path());
    options.layout = test_picture_layout(format_, width, height);
    options.layout.rate_numerator = 60;
    options.local_leases = local_leases;
    shared_->clear();
    auto host = RingHost::open(options);
    ASSERT_TRUE(host) << host.error().message;
    ring_ = &shared_->replace(std::move(*host));
    ring_->set_state(RingState::kLive);
    picture_.emplace(options.layout);
  }

  // Captured `n` periods after the first one.
  void publish(uint64_t n, uint32_t flags = 0, uint32_t dropped_before = 0) {
    const auto slot = ring_->begin();
    ASSERT_TRUE(slot);
    FrameMeta meta;
    meta.captured_ns = start_ns_ + n * 1'000'000'000 / 60;
    meta.flags = flags;
    meta.dropped_before = dropped_before;
    meta.source_sequence = static_cast<uint32_t>(n);
    meta.bytes_used = static_cast<uint32_t>(ring_->options().layout.payload_size);
    picture_->paint(ring_->payload(*slot), std::nullopt,
                    {.sequence = n, .captured_ns = meta.captured_ns, .clock_ns = 0});
    ring_->publish(*slot, meta);
  }

  RingHost& ring() { return *ring_; }
  SharedRing& shared() { return *shared_; }
  std::shared_ptr<const SharedRing> source() const { return shared_; }

  uint32_t local_leases = 1;

 private:
  const TemporaryRoot& root_;
  const PixelFormat format_;
  std::shared_ptr<SharedRing> shared_;
  RingHost* ring_ = nullptr;
  std::optional<TestPicture> picture_;
  uint64_t start_ns_ = monotonic_ns();
};

// A conversion with what it told, and a reader of its ring.
class Derived {
 public:
  Derived(const Camera& camera, const TemporaryRoot& root, const ConversionRequest& request)
      : loop_(
            camera.source(), request, small_ring(root.path(), "derived"),
            [this](Status status) { opened(status); }, [this](LoopEvent event) { heard(std::move(event)); }) {
  }

  bool up() {
    return eventually([&] { return started(LoopEvent::Kind::kStarted) || code() != ""; }) && code() == "";
  }
  std::string code() {
    std::lock_guard lock(mutex_);
    return code_;
  }
  size_t count(LoopEvent::Kind kind) {
    std::lock_guard lock(mutex_);
    return static_cast<size_t>(std::count(kinds_.begin(), kinds_.end(), kind));
  }
  uint32_t visitors() {
    std::lock_guard lock(mutex_);
    return visitors_;
  }
  bool started(LoopEvent::Kind kind) { return count(kind) > 0; }

  uint64_t published() const {
    return loop_.ring()->with([](RingHost* host) { return host ? host->status().published : 0; });
  }
  RingState state() const {
    return loop_.ring()->with([](RingHost* host) {
      return host ? static_cast<RingState>(host->memory().live->state.load_relaxed()) : RingState::kClosed;
    });
  }
  FrameLayout layout() const {
    return loop_.ring()->with([](RingHost* host) { return host ? host->options().layout : FrameLayout{}; });
  }
  struct Frame {
    FrameMeta meta;
    std::optional<BlockCode> code;
    RowCheck rows;
  };
  // The newest frame.
  std::optional<Frame> newest() {
    auto attachment = loop_.ring()->attach(0, std::chrono::milliseconds(1000));
    if (!attachment.reader) return std::nullopt;
    RingReader& reader = attachment.reader->reader();
    const auto view = reader.newest(0);
    if (!view) return std::nullopt;
    const ConstImage image{reader.memory().payload(view->slot), attachment.layout};
    return Frame{view->meta, read_block_code(image), check_rows(image)};
  }
  ConversionLoop& loop() { return loop_; }

 private:
  void opened(const Status& status) {
    std::lock_guard lock(mutex_);
    if (!status) code_ = status.error().code;
  }
  void heard(LoopEvent event) {
    std::lock_guard lock(mutex_);
    kinds_.push_back(event.kind);
    if (event.kind == LoopEvent::Kind::kVisited) visitors_ = event.count;
  }

  std::mutex mutex_;
  std::string code_;
  std::vector<LoopEvent::Kind> kinds_;
  uint32_t visitors_ = 0;  // as told last
  ConversionLoop loop_;
};

inline ConversionRequest to_bgr(uint32_t width = 0, FrameRate rate = {}) {
  return {.picture = {.format = PixelFormat::kBgr24, .width = width}, .rate = rate};
}

// A conversion that has converted its first frame.
class RunningConversion : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(derived.up());
    camera.publish(1);
    ASSERT_TRUE(eventually([&] { return derived.published() == 1 && derived.state() == RingState::kLive; }));
  }

  const TemporaryRoot root;
  Camera camera{root};
  Derived derived{camera, root, to_bgr()};
};

}  // namespace camstream
