// Times, sequence numbers and flags of V4L2 buffers.
#include "capture/v4l2_frame.h"

#include <gtest/gtest.h>

namespace camstream {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;
constexpr uint64_t kNow = 100 * kSecond;
constexpr uint32_t kBytes = 1000;  // of a whole picture

v4l2_buffer buffer_of(uint32_t sequence, uint64_t time_ns = kNow - kSecond / 100) {
  v4l2_buffer buffer{};
  buffer.sequence = sequence;
  buffer.flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
  buffer.timestamp.tv_sec = static_cast<time_t>(time_ns / kSecond);
  buffer.timestamp.tv_usec = static_cast<suseconds_t>(time_ns % kSecond / 1000);
  return buffer;
}

TEST(DriverFrames, TakesTheDriversTime) {
  const DriverFrame frame = DriverFrames().describe(buffer_of(0), kBytes, kNow);
  EXPECT_EQ(frame.meta.captured_ns, kNow - kSecond / 100);
  EXPECT_EQ(frame.meta.flags, 0u);
}

TEST(DriverFrames, ReplacesATimeThatIsNotMonotonic) {
  v4l2_buffer buffer = buffer_of(0);
  buffer.flags = V4L2_BUF_FLAG_TIMESTAMP_UNKNOWN;
  const DriverFrame frame = DriverFrames().describe(buffer, kBytes, kNow);
  EXPECT_EQ(frame.meta.captured_ns, kNow);
  EXPECT_EQ(frame.meta.flags, kFrameEstimatedTime);
}

TEST(DriverFrames, ReplacesATimeInTheFuture) {
  const DriverFrame frame = DriverFrames().describe(buffer_of(0, kNow + 1000), kBytes, kNow);
  EXPECT_EQ(frame.meta.captured_ns, kNow);
  EXPECT_EQ(frame.meta.flags, kFrameEstimatedTime);
}

TEST(DriverFrames, TakesATimeOfASecondAgoAndReplacesAnOlderOne) {
  EXPECT_EQ(DriverFrames().describe(buffer_of(0, kNow - kSecond), kBytes, kNow).meta.flags, 0u);
  EXPECT_EQ(DriverFrames().describe(buffer_of(0, kNow - kSecond - 1000), kBytes, kNow).meta.flags,
            kFrameEstimatedTime);
  EXPECT_EQ(DriverFrames().describe(buffer_of(0, 0), kBytes, kNow).meta.flags, kFrameEstimatedTime);
}

TEST(DriverFrames, CountsGapsBetweenFramesAndNotBeforeTheFirst) {
  DriverFrames frames;
  EXPECT_EQ(frames.describe(buffer_of(7), kBytes, kNow).meta.dropped_before, 0u);
  EXPECT_EQ(frames.describe(buffer_of(8), kBytes, kNow).meta.dropped_before, 0u);
  const DriverFrame late = frames.describe(buffer_of(11), kBytes, kNow);
  EXPECT_EQ(late.meta.dropped_before, 2u);
  EXPECT_EQ(late.dropped, 2u);
  EXPECT_EQ(late.meta.source_sequence, 11u);
}

TEST(DriverFrames, FollowsTheDriversCountOverItsEnd) {
  DriverFrames frames;
  frames.describe(buffer_of(UINT32_MAX), kBytes, kNow);
  EXPECT_EQ(frames.describe(buffer_of(1), kBytes, kNow).meta.dropped_before, 1u);
}

TEST(DriverFrames, TakesADriverThatDoesNotCountAndOneThatStartsAnewForNoLoss) {
  DriverFrames frames;
  frames.describe(buffer_of(500), kBytes, kNow);
  EXPECT_EQ(frames.describe(buffer_of(500), kBytes, kNow).dropped, 0u);
  EXPECT_EQ(frames.describe(buffer_of(0), kBytes, kNow).dropped, 0u);
}

TEST(DriverFrames, PassesOnAFlaggedFrameThatIsWhole) {
  v4l2_buffer buffer = buffer_of(0);
  buffer.flags |= V4L2_BUF_FLAG_ERROR;
  const DriverFrame frame = DriverFrames().describe(buffer, kBytes, kNow);
  EXPECT_TRUE(frame.whole);
  EXPECT_TRUE(frame.flagged);
  EXPECT_EQ(frame.meta.flags, kFrameCorrupt);
}

TEST(DriverFrames, CountsAShortFrameAsDroppedBeforeTheNext) {
  DriverFrames frames;
  frames.describe(buffer_of(0), kBytes, kNow);
  const DriverFrame lost = frames.describe(buffer_of(1), 0, kNow);
  EXPECT_FALSE(lost.whole);
  EXPECT_EQ(lost.dropped, 1u);
  const DriverFrame next = frames.describe(buffer_of(3), kBytes, kNow);  // 2 was lost by the driver too
  EXPECT_EQ(next.dropped, 1u);
  EXPECT_EQ(next.meta.dropped_before, 2u);
}

}  // namespace
}  // namespace camstream
