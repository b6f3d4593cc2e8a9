// The capture thread: its beginning, failures of its source, its end.
#include "support/capture_loop_rig.h"

#include <sys/resource.h>

#include "support/child.h"

namespace camstream {
namespace {

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

TEST_F(CaptureLoopTest, TellsItsOwnerLastThatItHasEnded) {
  start();
  ASSERT_TRUE(*opened_);
  std::promise<bool> ended;
  loop_->stop([&] { ended.set_value(loop_->ring()->finished()); });
  EXPECT_TRUE(ended.get_future().get());
  EXPECT_EQ(loop_->state(), RingState::kClosed);
}

}  // namespace
}  // namespace camstream
