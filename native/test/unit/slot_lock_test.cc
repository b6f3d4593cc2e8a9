#include "ring/slot_lock.h"

#include <gtest/gtest.h>

namespace camstream {
namespace {

FrameMeta frame(uint64_t sequence) {
  FrameMeta meta;
  meta.sequence = sequence;
  meta.captured_ns = sequence + 1;
  meta.published_ns = sequence + 2;
  meta.flags = kFrameDiscontinuity;
  meta.bytes_used = 17;
  meta.dropped_before = 3;
  meta.source_sequence = 99;
  return meta;
}

TEST(SlotLock, IsOddWhileTheWriterIsInside) {
  SlotHeader header{};
  SlotLock slot(header);
  EXPECT_EQ(slot.begin(), 0u);
  EXPECT_EQ(slot.enter(), 0u);
  EXPECT_EQ(slot.begin(), 1u);
  slot.leave_with_frame(frame(5));
  EXPECT_EQ(slot.begin(), 2u);
}

TEST(SlotLock, GivesEveryFieldOfTheFrame) {
  SlotHeader header{};
  SlotLock slot(header);
  slot.enter();
  slot.leave_with_frame(frame(5));
  const FrameMeta meta = slot.meta();
  EXPECT_EQ(meta.sequence, 5u);
  EXPECT_EQ(meta.captured_ns, 6u);
  EXPECT_EQ(meta.published_ns, 7u);
  EXPECT_EQ(meta.flags, kFrameDiscontinuity);
  EXPECT_EQ(meta.bytes_used, 17u);
  EXPECT_EQ(meta.dropped_before, 3u);
  EXPECT_EQ(meta.source_sequence, 99u);
}

TEST(SlotLock, TellsTheReaderOfAFrameWrittenMeanwhile) {
  SlotHeader header{};
  SlotLock slot(header);
  slot.enter();
  slot.leave_with_frame(frame(1));
  const uint32_t version = slot.begin();
  EXPECT_TRUE(slot.unchanged(version));
  slot.enter();
  EXPECT_FALSE(slot.unchanged(version));
  EXPECT_TRUE(slot.unchanged_or_probed(version));
  slot.leave_with_frame(frame(2));
  EXPECT_FALSE(slot.unchanged(version));
  EXPECT_FALSE(slot.unchanged_or_probed(version));
}

TEST(SlotLock, IsAsBeforeAfterAProbe) {
  SlotHeader header{};
  SlotLock slot(header);
  slot.enter();
  slot.leave_with_frame(frame(1));
  const uint32_t version = slot.begin();
  slot.leave_untouched(slot.enter());
  EXPECT_TRUE(slot.unchanged(version));
  EXPECT_EQ(slot.meta().sequence, 1u);
}

TEST(SlotLock, HoldsNoFrameAfterAWriteThatFailed) {
  SlotHeader header{};
  SlotLock slot(header);
  slot.enter();
  slot.leave_with_frame(frame(1));
  const uint32_t version = slot.begin();
  slot.enter();
  slot.leave_without_frame();
  EXPECT_FALSE(slot.unchanged(version));
  EXPECT_EQ(slot.begin() & 1, 0u);
  EXPECT_EQ(slot.meta().sequence, 0u);
}

TEST(SlotLock, GoesOnWhenTheVersionWrapsAround) {
  SlotHeader header{};
  header.version.store_relaxed(~uint32_t{1});
  SlotLock slot(header);
  const uint32_t version = slot.begin();
  EXPECT_EQ(slot.enter(), version);
  EXPECT_EQ(slot.begin() & 1, 1u);
  EXPECT_TRUE(slot.unchanged_or_probed(version));
  slot.leave_with_frame(frame(1));
  EXPECT_EQ(slot.begin(), 0u);
  EXPECT_FALSE(slot.unchanged(version));
}

}  // namespace
}  // namespace camstream
