#include "ring/ring_writer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "ring/ring_reader.h"
#include "support/heap_ring.h"

namespace camstream {
namespace {

constexpr uint64_t kNever = ~uint64_t{0};

uint64_t publish(RingWriter& writer) {
  const auto slot = writer.begin();
  return slot ? writer.publish(*slot, {}) : 0;
}

TEST(RingWriter, CountsFramesFromOneAndNamesThemInHead) {
  HeapRing ring(4, 64);
  LeaseTable table;
  RingWriter writer(ring.memory(), table, kNever);
  EXPECT_EQ(ring.memory().live->head.load_relaxed(), 0u);
  for (uint64_t expected = 1; expected <= 10; ++expected) {
    const auto slot = writer.begin();
    ASSERT_TRUE(slot);
    EXPECT_EQ(ring.memory().header(*slot).version.load_relaxed() & 1, 1u);
    EXPECT_EQ(writer.publish(*slot, {}), expected);
    EXPECT_EQ(ring.memory().live->head.load_relaxed(), head_of(expected, *slot));
    EXPECT_EQ(ring.memory().header(*slot).version.load_relaxed() & 1, 0u);
  }
}

TEST(RingWriter, TakesTheOldestSlotThatIsNeitherLeasedNorHead) {
  HeapRing ring(4, 64);
  LeaseTable table;
  HeapMember member(1);
  table.add(member.member);
  RingWriter writer(ring.memory(), table, kNever);
  for (int count = 0; count < 4; ++count) publish(writer);
  RingReader reader(ring.memory(), member.page.get(), 1);
  auto oldest = reader.next(0);
  ASSERT_TRUE(oldest);
  ASSERT_EQ(oldest->meta.sequence, 1u);
  for (int count = 0; count < 50; ++count) {
    const uint32_t head = head_slot(ring.memory().live->head.load_relaxed());
    const auto slot = writer.begin();
    ASSERT_TRUE(slot);
    EXPECT_NE(*slot, oldest->slot);
    EXPECT_NE(*slot, head);
    writer.publish(*slot, {});
  }
  EXPECT_TRUE(reader.intact(*oldest));
  EXPECT_TRUE(reader.release(*oldest));
  EXPECT_EQ(writer.begin(), oldest->slot);
}

TEST(RingWriter, GivesOutSeveralSlotsAndTakesThemBackInAnyOrder) {
  HeapRing ring(6, 64);
  LeaseTable table;
  RingWriter writer(ring.memory(), table, kNever);
  publish(writer);
  const auto one = writer.begin();
  const auto two = writer.begin();
  const auto three = writer.begin();
  ASSERT_TRUE(one && two && three);
  EXPECT_NE(*one, *two);
  EXPECT_NE(*two, *three);
  EXPECT_EQ(writer.publish(*three, {}), 2u);
  writer.cancel_dirty(*one);
  EXPECT_EQ(writer.publish(*two, {}), 3u);
}

TEST(RingWriter, HasNoSlotOnlyWhenAllAreOut) {
  HeapRing ring(3, 64);
  LeaseTable table;
  RingWriter writer(ring.memory(), table, kNever);
  publish(writer);
  ASSERT_TRUE(writer.begin());
  const auto last = writer.begin();
  ASSERT_TRUE(last);
  EXPECT_FALSE(writer.begin());
  writer.cancel_untouched(*last);
  EXPECT_EQ(writer.begin(), last);
}

TEST(RingWriter, LeavesTheOldFrameAfterAnUntouchedCancel) {
  HeapRing ring(3, 64);
  LeaseTable table;
  RingWriter writer(ring.memory(), table, kNever);
  for (int count = 0; count < 3; ++count) publish(writer);
  RingReader reader(ring.memory(), nullptr, 0);
  auto oldest = reader.next(0);
  ASSERT_TRUE(oldest);
  const auto slot = writer.begin();
  ASSERT_EQ(slot, oldest->slot);
  EXPECT_FALSE(reader.intact(*oldest));
  writer.cancel_untouched(*slot);
  EXPECT_TRUE(reader.intact(*oldest));
  EXPECT_EQ(reader.next(0)->meta.sequence, 1u);
}

TEST(RingWriter, LeavesNoFrameAfterADirtyCancel) {
  HeapRing ring(3, 64);
  LeaseTable table;
  RingWriter writer(ring.memory(), table, kNever);
  for (int count = 0; count < 3; ++count) publish(writer);
  RingReader reader(ring.memory(), nullptr, 0);
  auto oldest = reader.next(0);
  const auto slot = writer.begin();
  ASSERT_EQ(slot, oldest->slot);
  writer.cancel_dirty(*slot);
  EXPECT_FALSE(reader.intact(*oldest));
  EXPECT_EQ(reader.next(0)->meta.sequence, 2u);
}

TEST(RingWriter, RevokesAHungLeaseAndUsesTheSlotAgain) {
  constexpr uint64_t kStep = 100'000'000;
  HeapRing ring(4, 64);
  LeaseTable table;
  HeapMember member(1);
  table.add(member.member);
  RingWriter writer(ring.memory(), table, kStep);
  publish(writer);
  RingReader reader(ring.memory(), member.page.get(), 1);
  auto frame = reader.newest(0);
  ASSERT_TRUE(frame);
  EXPECT_EQ(writer.age_leases(kStep), 0u);
  EXPECT_EQ(writer.age_leases(kStep), 1u);
  EXPECT_EQ(writer.stats().revoked, 1u);
  EXPECT_FALSE(reader.intact(*frame));
  EXPECT_FALSE(reader.release(*frame));
  auto next = reader.newest(0);  // the revoked word is as good as free
  ASSERT_TRUE(next);
  EXPECT_GE(next->lease, 0);
  EXPECT_TRUE(reader.intact(*next));
}

// A member that writes whatever would be in the writer's way, as fast as it can.
TEST(RingWriter, LosesNoFrameToAMemberThatMovesItsLeasesAbout) {
  constexpr uint32_t kSlots = 6;
  HeapRing ring(kSlots, 64);
  LeaseTable table;
  HeapMember hostile(2);
  table.add(hostile.member);
  RingWriter writer(ring.memory(), table, kNever);
  std::atomic<bool> stop{false};
  std::thread thread([&] {
    uint64_t generation = 0;
    while (!stop.load(std::memory_order_relaxed)) {
      for (uint32_t slot = 0; slot < kSlots; ++slot) {
        // Where the writer is just now: an odd version.
        if (ring.memory().header(slot).version.load_relaxed() & 1) {
          ++generation;
          hostile.page->words[generation & 1].store_relaxed(lease_word(generation, slot));
        }
      }
    }
  });
  for (uint64_t expected = 1; expected <= 20'000; ++expected) ASSERT_EQ(publish(writer), expected);
  stop = true;
  thread.join();
}

TEST(RingWriter, TakesTheLeaseOfAMemberThatHasEverySlotLeasedInTheProbe) {
  // Stands in for a race that is always lost: the member leases each slot the moment it is probed.
  struct Table {
    using SlotSet = LeaseTable::SlotSet;
    struct Visit {
      explicit Visit(Table&) {}
    };
    void collect(SlotSet& leased, uint32_t) const { leased.reset(); }
    bool holds(uint32_t) const { return true; }
    uint32_t take_back(uint32_t) { return 1; }
  };
  HeapRing ring(4, 64);
  Table table;
  BasicRingWriter<Table> writer(ring.memory(), table, kNever);
  const auto slot = writer.begin();
  ASSERT_TRUE(slot);
  EXPECT_EQ(writer.stats().revoked, 1u);
  EXPECT_EQ(writer.stats().probes_leased, 3u * 4);
  EXPECT_EQ(writer.publish(*slot, {}), 1u);
}

TEST(RingWriter, ShowsEachMembersPageForWaking) {
  HeapRing ring(4, 64);
  LeaseTable table;
  HeapMember one(1), none(0);
  table.add(one.member);
  table.add(none.member);
  RingWriter writer(ring.memory(), table, kNever);
  uint32_t pages = 0;
  writer.each_member_page(
      [&](LeasePage& page) { pages += &page == one.page.get() || &page == none.page.get(); });
  EXPECT_EQ(pages, 2u);
}

}  // namespace
}  // namespace camstream
