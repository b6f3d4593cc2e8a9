// The capture thread over a source that fails when it is told to.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "capture/capture_loop.h"
#include "support/ring_options.h"
#include "support/temporary_root.h"

namespace camstream {

using namespace std::chrono_literals;

// What the test and the source on its thread have in common.
struct Script {
  std::mutex mutex;
  std::deque<std::string> failures;  // one each for open(), start() and next(), in that order of calls
  std::string fails_in;              // "open", "start", "next"
  uint32_t width = 64;
  bool has_track = false;
  std::atomic<uint32_t> opens{0};
  std::atomic<int64_t> frames_allowed{1'000'000};
};

class ScriptedSource final : public Source {
 public:
  explicit ScriptedSource(std::shared_ptr<Script> script) : script_(std::move(script)) {}
  Status open() override {
    ++script_->opens;
    return step("open");
  }
  FrameLayout layout() const override {
    std::lock_guard lock(script_->mutex);
    return packed_layout(PixelFormat::kGray8, script_->width, 32);
  }
  std::string description() const override { return "scripted"; }
  std::optional<Track> track() const override {
    std::lock_guard lock(script_->mutex);
    if (!script_->has_track) return std::nullopt;
    Track track;
    track.layout = packed_layout(PixelFormat::kGray8, script_->width, 8);
    return track;
  }
  Status start(RingHost&) override { return step("start"); }
  Result<Next> next(RingHost& ring, uint32_t) override {
    if (Status fine = step("next"); !fine) {
      if (fine.error().code == "ENDED") return Next::kEnded;
      return fine.error();
    }
    sleep_until(monotonic_ns() + 1'000'000);
    if (script_->frames_allowed <= 0) return Next::kTimeout;
    --script_->frames_allowed;
    FrameMeta meta;
    meta.flags = initial_flags();
    if (RingHost* track = track_ring()) track->publish(*track->begin(), meta);
    ring.publish(*ring.begin(), meta);
    return Next::kFrame;
  }
  void stop(RingHost&) override {}
  void close() override {}

 private:
  Status step(const std::string& name) {
    std::lock_guard lock(script_->mutex);
    if (script_->fails_in != name || script_->failures.empty()) return ok();
    const std::string code = script_->failures.front();
    script_->failures.pop_front();
    return Error{code, "as the test has it"};
  }
  std::shared_ptr<Script> script_;
};

class CaptureLoopTest : public testing::Test {
 protected:
  void start() {
    std::promise<Status> opened;
    auto result = opened.get_future();
    loop_ = std::make_unique<CaptureLoop>(
        std::make_unique<ScriptedSource>(script_), small_ring(root_.path()),
        [&opened](Status status) { opened.set_value(std::move(status)); },
        [this](LoopEvent event) {
          std::lock_guard lock(mutex_);
          events_.push_back(std::move(event));
          told_.notify_all();
        });
    opened_.emplace(result.get());
  }

  void fail(const std::string& where, std::deque<std::string> codes) {
    std::lock_guard lock(script_->mutex);
    script_->fails_in = where;
    script_->failures = std::move(codes);
  }

  // Waits for the n-th event of that kind.
  LoopEvent event(LoopEvent::Kind kind, size_t number = 1) {
    std::unique_lock lock(mutex_);
    const LoopEvent* found = nullptr;
    const bool came = told_.wait_for(lock, 20s, [&] {
      size_t seen = 0;
      for (const LoopEvent& each : events_) {
        if (each.kind == kind && ++seen == number) found = &each;
      }
      return found != nullptr;
    });
    EXPECT_TRUE(came) << "event " << static_cast<int>(kind);
    return came ? *found : LoopEvent{};
  }

  uint64_t published() const {
    return loop_->ring()->with([](RingHost* host) { return host ? host->status().published : 0; });
  }
  void wait_for_frames(uint64_t count) {
    const uint64_t until = monotonic_ns() + 20'000'000'000;
    while (published() < count && monotonic_ns() < until) sleep_until(monotonic_ns() + 1'000'000);
    EXPECT_GE(published(), count);
  }

  const TemporaryRoot root_;
  std::shared_ptr<Script> script_ = std::make_shared<Script>();
  std::mutex mutex_;
  std::condition_variable told_;
  std::vector<LoopEvent> events_;
  std::optional<Status> opened_;
  std::unique_ptr<CaptureLoop> loop_;
};

}  // namespace camstream
