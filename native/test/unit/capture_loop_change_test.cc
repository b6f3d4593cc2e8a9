// The capture thread is given another source while it runs.
#include "support/capture_loop_rig.h"

#include <future>

namespace camstream {
namespace {

class CaptureChangeTest : public CaptureLoopTest {
 protected:
  // Gives it a source of that script and waits for what came of it.
  Status change_to(std::shared_ptr<Script> script) {
    auto changed = std::make_shared<std::promise<Status>>();
    loop_->change(std::make_unique<ScriptedSource>(std::move(script)),
                  [changed](Status status) { changed->set_value(std::move(status)); });
    auto result = changed->get_future();
    if (result.wait_for(20s) != std::future_status::ready) return Error{"TEST", "nothing came of it"};
    return result.get();
  }

  std::string ring_id() const {
    return loop_->ring()->with(
        [](RingHost* host) { return std::string(host->geometry().ring_id, host->geometry().ring_id + 16); });
  }

  std::shared_ptr<Script> other_ = std::make_shared<Script>();
};

TEST_F(CaptureChangeTest, TheSameRingGoesOnWithTheNewSourceAndSaysThatThereIsAGap) {
  script_->frames_allowed = 2;
  start();
  wait_for_frames(2);
  const std::string before = ring_id();
  auto reader = loop_->ring()->attach(0, 0ms).reader;
  other_->frames_allowed = 1;
  ASSERT_TRUE(change_to(other_));
  event(LoopEvent::Kind::kStarted, 2);
  wait_for_frames(3);
  EXPECT_EQ(ring_id(), before);
  const auto frame = reader->reader().next(2);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->meta.sequence, 3u);
  EXPECT_EQ(frame->meta.flags, kFrameDiscontinuity);
  EXPECT_EQ(script_.use_count(), 1) << "the old source is gone";
}

TEST_F(CaptureChangeTest, OneOfAnotherLayoutGetsARingOfItsOwn) {
  start();
  wait_for_frames(1);
  other_->width = 128;
  ASSERT_TRUE(change_to(other_));
  EXPECT_EQ(event(LoopEvent::Kind::kRebuilt).geometry->width, 128u);
  wait_for_frames(2);
}

TEST_F(CaptureChangeTest, OneThatDoesNotOpenChangesNothing) {
  start();
  wait_for_frames(1);
  other_->fails_in = "open";
  other_->failures = {"DEVICE_BUSY"};
  const Status refused = change_to(other_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "DEVICE_BUSY");
  wait_for_frames(published() + 3);
  EXPECT_EQ(script_->opens, 1u);
  const std::lock_guard lock(mutex_);
  EXPECT_EQ(events_.size(), 1u);  // that it has started
}

TEST_F(CaptureChangeTest, WhatFailsAfterwardsIsTheNewSourcesToMend) {
  start();
  wait_for_frames(1);
  ASSERT_TRUE(change_to(other_));
  {
    std::lock_guard lock(other_->mutex);
    other_->fails_in = "next";
    other_->failures = {"DEVICE_GONE"};
  }
  EXPECT_EQ(event(LoopEvent::Kind::kFailed).error.code, "DEVICE_GONE");
  event(LoopEvent::Kind::kRecovered);
  EXPECT_EQ(script_->opens, 1u);
  EXPECT_EQ(other_->opens, 2u);
}

TEST_F(CaptureChangeTest, ASourceThatIsDownIsReplacedAtOnce) {
  start();
  wait_for_frames(1);
  fail("next", {"DEVICE_GONE"});
  event(LoopEvent::Kind::kFailed);
  fail("open", std::deque<std::string>(1000, "DEVICE_NOT_FOUND"));
  event(LoopEvent::Kind::kFailed, 5);  // waits for 2 s
  ASSERT_TRUE(change_to(other_));
  event(LoopEvent::Kind::kRecovered);
}

TEST(WaitingChange, TheLaterOneCountsAndTheEarlierIsTold) {
  WaitingChange waiting;
  Status first = ok(), second = ok();
  const auto source = [] { return std::make_shared<ScriptedSource>(std::make_shared<Script>()); };
  waiting.put({source(), [&](Status status) { first = std::move(status); }});
  ASSERT_TRUE(first);
  waiting.put({source(), [&](Status status) { second = std::move(status); }});
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code, "CAPTURE_CHANGED");
  EXPECT_NE(first.error().message.find("another source"), std::string::npos);
  EXPECT_TRUE(second);
  EXPECT_TRUE(waiting.take());
}

TEST_F(CaptureChangeTest, AfterTheEndNothingIsChangedAnyMore) {
  start();
  std::promise<void> ended;
  loop_->stop([&] { ended.set_value(); });
  ended.get_future().wait();
  const Status refused = change_to(other_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "CAPTURE_CLOSED");
  EXPECT_EQ(other_->opens, 0u);
}

}  // namespace
}  // namespace camstream
