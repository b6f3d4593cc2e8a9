// The capture thread over a source that fails when it is told to.
#include "capture/capture_loop.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <filesystem>
#include <future>

#include "base/clock.h"
#include "ring/ring_file.h"
#include "support/child.h"
#include "support/ring_options.h"
#include "support/temporary_root.h"

namespace camstream {
namespace {

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

TEST_F(CaptureLoopTest, TellsAtOnceWhatIsWrongWithTheFirstAttempt) {
  fail("open", {"DEVICE_NOT_FOUND"});
  start();
  ASSERT_FALSE(*opened_);
  EXPECT_EQ(opened_->error().code, "DEVICE_NOT_FOUND");
  loop_.reset();
  EXPECT_EQ(script_->opens, 1u);
  EXPECT_TRUE(events_.empty());
}

TEST_F(CaptureLoopTest, LeavesTheSourceAloneWhenAnotherProducerHasTheRing) {
  const auto other = RingHost::open(small_ring(root_.path()));
  ASSERT_TRUE(other);
  start();
  ASSERT_FALSE(*opened_);
  EXPECT_EQ(opened_->error().code, "RING_BUSY");
  EXPECT_EQ(script_->opens, 0u);
}

TEST_F(CaptureLoopTest, KeepsTheRingThroughFailuresAndFlagsTheFirstFrameAfter) {
  script_->frames_allowed = 2;
  start();
  ASSERT_TRUE(*opened_);
  wait_for_frames(2);
  const auto ring_id = [&] {
    return loop_->ring()->with(
        [](RingHost* host) { return std::string(host->geometry().ring_id, host->geometry().ring_id + 16); });
  };
  const std::string before = ring_id();
  auto reader = loop_->ring()->attach(0, 0ms).reader;
  fail("next", {"DEVICE_GONE"});
  const LoopEvent failed = event(LoopEvent::Kind::kFailed);
  EXPECT_EQ(failed.error.code, "DEVICE_GONE");
  EXPECT_EQ(failed.retry_in_ms, 200u);
  event(LoopEvent::Kind::kStalled);
  script_->frames_allowed = 2;
  event(LoopEvent::Kind::kRecovered);
  wait_for_frames(4);
  EXPECT_EQ(ring_id(), before);
  EXPECT_EQ(script_->opens, 2u);
  auto flagged = reader->reader().next(2);
  ASSERT_TRUE(flagged);
  EXPECT_EQ(flagged->meta.sequence, 3u);
  EXPECT_EQ(flagged->meta.flags, kFrameDiscontinuity);
  auto plain = reader->reader().next(3);
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->meta.flags, 0u);
}

TEST_F(CaptureLoopTest, WaitsLongerAfterEachFailureAndStopsAtOnceMeanwhile) {
  start();
  ASSERT_TRUE(*opened_);
  wait_for_frames(1);
  fail("next", {"CAMERA_STALLED"});
  event(LoopEvent::Kind::kFailed);
  fail("open",
       {"DEVICE_NOT_FOUND", "DEVICE_NOT_FOUND", "DEVICE_NOT_FOUND", "DEVICE_NOT_FOUND", "DEVICE_NOT_FOUND"});
  EXPECT_EQ(event(LoopEvent::Kind::kFailed, 2).retry_in_ms, 400u);
  EXPECT_EQ(event(LoopEvent::Kind::kFailed, 3).retry_in_ms, 800u);
  EXPECT_EQ(event(LoopEvent::Kind::kFailed, 4).retry_in_ms, 1600u);
  EXPECT_EQ(event(LoopEvent::Kind::kFailed, 5).retry_in_ms, 2000u);
  EXPECT_EQ(loop_->state(), RingState::kStalled);
  const uint64_t begin = monotonic_ns();
  loop_.reset();
  EXPECT_LT(monotonic_ns() - begin, 1'500'000'000u);  // the attempt that is waited for is 2 s away
}

TEST_F(CaptureLoopTest, RebuildsTheRingWhenTheLayoutHasChanged) {
  start();
  ASSERT_TRUE(*opened_);
  wait_for_frames(1);
  {
    std::lock_guard lock(script_->mutex);
    script_->width = 128;
    script_->fails_in = "next";
    script_->failures = {"DEVICE_SIGNAL_CHANGED"};
  }
  EXPECT_EQ(event(LoopEvent::Kind::kRebuilt).geometry->width, 128u);
  event(LoopEvent::Kind::kRecovered);
}

TEST_F(CaptureLoopTest, RebuildsTheRingWhenItsFolderWasTakenAway) {
  start();
  ASSERT_TRUE(*opened_);
  wait_for_frames(1);
  const std::string folder = root_.path() + "/" + small_ring(root_.path()).name;
  std::filesystem::remove_all(folder);
  event(LoopEvent::Kind::kRebuilt);
  wait_for_frames(2);
  EXPECT_TRUE(std::filesystem::exists(folder + "/ring"));
  EXPECT_EQ(script_->opens, 1u);  // the camera had no part in it
}

TEST_F(CaptureLoopTest, RebuildsTheRingWhileTheSourceIsDown) {
  start();
  ASSERT_TRUE(*opened_);
  wait_for_frames(1);
  fail("next", {"DEVICE_GONE"});
  event(LoopEvent::Kind::kFailed);
  fail("open", std::deque<std::string>(1000, "DEVICE_NOT_FOUND"));
  event(LoopEvent::Kind::kFailed, 4);  // waits for 1.6 s by now, and then for 2
  const std::string folder = root_.path() + "/camera";
  std::filesystem::remove_all(folder);
  const uint64_t deleted_ns = monotonic_ns();
  event(LoopEvent::Kind::kRebuilt);
  EXPECT_LT(monotonic_ns() - deleted_ns, 10'000'000'000u);  // ten times what is wanted
  EXPECT_TRUE(std::filesystem::exists(folder + "/ring"));
  EXPECT_EQ(loop_->ring()->with([](RingHost* host) { return host->memory().live->state.load_relaxed(); }),
            static_cast<uint32_t>(RingState::kStalled));
}

// A container's limit of processes: pthread_create() fails.
TEST_F(CaptureLoopTest, AThreadThatCannotBeHadIsAnError) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer needs more address space than may be had here";
#endif
  const std::string code = in_child([&]() -> std::string {
    const rlimit little{64 << 20, 64 << 20};  // no room for another stack
    setrlimit(RLIMIT_AS, &little);
    std::string found = "opened() was not called";
    CaptureLoop loop(
        std::make_unique<ScriptedSource>(script_), small_ring(root_.path()),
        [&found](Status status) { found = status ? "started" : status.error().code; }, [](LoopEvent) {});
    return found;
  });
  EXPECT_EQ(code, "RING_SYSTEM");
}

TEST_F(CaptureLoopTest, StartsASourceThatHasEndedFromItsBeginning) {
  start();
  ASSERT_TRUE(*opened_);
  wait_for_frames(1);
  fail("next", {"ENDED"});
  event(LoopEvent::Kind::kEnded);
  const uint64_t before = published();
  wait_for_frames(before + 2);
  EXPECT_EQ(script_->opens, 2u);
  std::lock_guard lock(mutex_);
  for (const LoopEvent& each : events_) EXPECT_NE(each.kind, LoopEvent::Kind::kFailed);
}

TEST_F(CaptureLoopTest, TellsOnceThatALeaseWasTakenAway) {
  start();
  ASSERT_TRUE(*opened_);
  wait_for_frames(1);
  auto file = RingFile::open(root_.path(), "camera");
  ASSERT_TRUE(file) << file.error().message;
  RingReader reader = (*file)->make_reader();
  const auto held = reader.newest(0);
  ASSERT_TRUE(held && held->lease >= 0);
  const uint64_t begin_ns = monotonic_ns();
  EXPECT_EQ(event(LoopEvent::Kind::kRevoked).count, 1u);
  EXPECT_GE(monotonic_ns() - begin_ns, 900'000'000u);
  EXPECT_FALSE(reader.intact(*held));
  wait_for_frames(published() + 300);  // a look at the leases and more
  const std::lock_guard lock(mutex_);
  EXPECT_EQ(std::count_if(events_.begin(), events_.end(),
                          [](const LoopEvent& each) { return each.kind == LoopEvent::Kind::kRevoked; }),
            1);
}

TEST_F(CaptureLoopTest, TellsItsOwnerLastThatItHasEnded) {
  start();
  ASSERT_TRUE(*opened_);
  std::promise<bool> ended;
  loop_->stop([&] { ended.set_value(loop_->ring()->finished()); });
  EXPECT_TRUE(ended.get_future().get());
  EXPECT_EQ(loop_->state(), RingState::kClosed);
}

TEST_F(CaptureLoopTest, KeepsATrackBesideItsRingAndDropsItWithTheSource) {
  script_->has_track = true;
  start();
  wait_for_frames(3);
  const auto tracks = loop_->tracks();
  ASSERT_EQ(tracks.size(), 1u);
  const auto facts = [&] {
    return tracks[0].ring->with([](RingHost* host) {
      return host ? std::optional(std::tuple(std::string(host->geometry().name), host->status().published))
                  : std::nullopt;
    });
  };
  ASSERT_TRUE(facts());
  EXPECT_EQ(std::get<0>(*facts()), "camera-jpeg");
  EXPECT_GE(std::get<1>(*facts()), 2u);
  const auto folder = root_.path() + "/camera-jpeg";
  EXPECT_TRUE(std::filesystem::exists(folder + "/ring"));

  {
    std::lock_guard lock(script_->mutex);
    script_->has_track = false;
  }
  fail("next", {"DEVICE_GONE"});
  event(LoopEvent::Kind::kRecovered);
  EXPECT_TRUE(loop_->tracks().empty());
  EXPECT_FALSE(std::filesystem::exists(folder + "/ring"));
}

TEST_F(CaptureLoopTest, RebuildsATrackWhoseFolderIsTakenAway) {
  script_->has_track = true;
  start();
  wait_for_frames(3);
  std::filesystem::remove_all(root_.path() + "/camera-jpeg");
  const uint64_t until = monotonic_ns() + 20'000'000'000;
  while (!std::filesystem::exists(root_.path() + "/camera-jpeg/ring") && monotonic_ns() < until) {
    sleep_until(monotonic_ns() + 1'000'000);
  }
  EXPECT_TRUE(std::filesystem::exists(root_.path() + "/camera-jpeg/ring"));
  const uint64_t before = published();
  wait_for_frames(before + 3);
}

}  // namespace
}  // namespace camstream
