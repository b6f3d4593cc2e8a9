#include "ring/ring_reader.h"

#include <gtest/gtest.h>

#include "ring/ring_writer.h"
#include "support/heap_ring.h"

namespace camstream {
namespace {

class RingReaderTest : public testing::Test {
 protected:
  RingReaderTest() { table_.add(member_.member); }

  void publish(int count) {
    for (int done = 0; done < count; ++done) {
      const auto slot = writer_.begin();
      ASSERT_TRUE(slot);
      writer_.publish(*slot, {});
    }
  }

  HeapRing ring_{8, 64};
  LeaseTable table_;
  HeapMember member_{2};
  RingWriter writer_{ring_.memory(), table_, ~uint64_t{0}};
  RingReader reader_{ring_.memory(), member_.page.get(), 2};
  RingReader unregistered_{ring_.memory(), nullptr, 0};
};

TEST_F(RingReaderTest, FindsNothingInAnEmptyRing) {
  EXPECT_EQ(reader_.head(), 0u);
  EXPECT_FALSE(reader_.newest(0));
  EXPECT_FALSE(reader_.next(0));
}

TEST_F(RingReaderTest, GivesTheNewestFrameOnce) {
  publish(3);
  auto frame = reader_.newest(0);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->meta.sequence, 3u);
  EXPECT_FALSE(reader_.newest(3));
  publish(1);
  EXPECT_EQ(reader_.newest(3)->meta.sequence, 4u);
}

TEST_F(RingReaderTest, WalksThroughTheHistoryInOrder) {
  publish(5);
  for (uint64_t expected = 1; expected <= 5; ++expected) {
    auto frame = reader_.next(expected - 1);
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->meta.sequence, expected);
    EXPECT_TRUE(reader_.release(*frame));
  }
  EXPECT_FALSE(reader_.next(5));
}

TEST_F(RingReaderTest, GoesOnAtTheOldestFrameLeftAfterBeingLapped) {
  publish(100);
  auto frame = reader_.next(1);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->meta.sequence, 93u);
}

TEST_F(RingReaderTest, LeasesAsManyFramesAsItsQuotaAndNoMore) {
  publish(3);
  auto one = reader_.next(0);
  auto two = reader_.next(1);
  auto three = reader_.next(2);
  ASSERT_TRUE(one && two && three);
  EXPECT_GE(one->lease, 0);
  EXPECT_GE(two->lease, 0);
  EXPECT_LT(three->lease, 0);
  EXPECT_EQ(reader_.leases_held(), 2u);
  publish(50);
  EXPECT_TRUE(reader_.intact(*one));
  EXPECT_TRUE(reader_.intact(*two));
  EXPECT_FALSE(reader_.intact(*three));
  EXPECT_TRUE(reader_.release(*one));
  EXPECT_TRUE(reader_.release(*two));
  EXPECT_TRUE(reader_.release(*three));
  EXPECT_EQ(reader_.leases_held(), 0u);
}

TEST_F(RingReaderTest, ReleasesEachLeaseOnce) {
  publish(1);
  auto frame = reader_.newest(0);
  FrameView late = *frame;
  EXPECT_TRUE(reader_.release(*frame));
  auto second = reader_.newest(0);  // the same word
  ASSERT_TRUE(second);
  ASSERT_EQ(second->lease, late.lease);
  EXPECT_FALSE(reader_.release(late));  // as a finalizer would that comes late
  EXPECT_EQ(reader_.leases_held(), 1u);
  EXPECT_TRUE(table_.holds(second->slot));
  EXPECT_TRUE(reader_.intact(*second));
  EXPECT_TRUE(reader_.release(*second));
  EXPECT_FALSE(table_.holds(second->slot));
}

TEST_F(RingReaderTest, KeepsNoLeaseOfAFrameThatItDidNotGet) {
  publish(1);
  EXPECT_FALSE(reader_.newest(1));
  EXPECT_EQ(reader_.leases_held(), 0u);
  for (uint32_t index = 0; index < 2; ++index) {
    EXPECT_EQ(member_.page->words[index].load_relaxed(), kLeaseFree);
  }
}

TEST_F(RingReaderTest, WorksWithoutAPage) {
  publish(2);
  EXPECT_EQ(unregistered_.quota(), 0u);
  auto frame = unregistered_.newest(0);
  ASSERT_TRUE(frame);
  EXPECT_LT(frame->lease, 0);
  EXPECT_TRUE(unregistered_.intact(*frame));
  EXPECT_TRUE(unregistered_.release(*frame));
  publish(20);
  EXPECT_FALSE(unregistered_.intact(*frame));
}

TEST_F(RingReaderTest, LeavesAFrameUnleasedWhenAskedTo) {
  publish(1);
  EXPECT_LT(reader_.newest(0, false)->lease, 0);
  EXPECT_LT(reader_.next(0, false)->lease, 0);
}

TEST_F(RingReaderTest, IgnoresAHeadThatNamesNoSlot) {
  publish(1);
  ring_.memory().live->head.store_relaxed(head_of(9, 4000));
  EXPECT_FALSE(reader_.newest(1));
}

TEST_F(RingReaderTest, BelievesNoQuotaBeyondThePage) {
  RingReader greedy(ring_.memory(), member_.page.get(), 1'000'000);
  EXPECT_EQ(greedy.quota(), kMaxQuota);
}

}  // namespace
}  // namespace camstream
