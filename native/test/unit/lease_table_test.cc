#include "ring/lease_table.h"

#include <gtest/gtest.h>

#include "support/heap_ring.h"

namespace camstream {
namespace {

constexpr uint64_t kStep = 100'000'000;
constexpr uint64_t kTimeout = 3 * kStep;

void set_word(HeapMember& member, uint32_t index, uint64_t word) {
  member.page->words[index].store_relaxed(word);
}
uint64_t word_of(const HeapMember& member, uint32_t index) {
  return member.page->words[index].load_relaxed();
}

TEST(LeaseTable, SeesALeaseUntilItIsGivenBack) {
  LeaseTable table;
  HeapMember member(2);
  ASSERT_TRUE(table.add(member.member));
  set_word(member, 1, lease_word(1, 7));
  EXPECT_TRUE(table.holds(7));
  EXPECT_FALSE(table.holds(6));
  LeaseTable::SlotSet leased;
  table.collect(leased, 8);
  EXPECT_EQ(leased.count(), 1u);
  EXPECT_TRUE(leased.test(7));
  set_word(member, 1, kLeaseFree);
  EXPECT_FALSE(table.holds(7));
}

TEST(LeaseTable, LooksOnlyAtAsManyWordsAsWerePromised) {
  LeaseTable table;
  HeapMember member(1);
  ASSERT_TRUE(table.add(member.member));
  set_word(member, 1, lease_word(1, 7));
  EXPECT_FALSE(table.holds(7));
}

TEST(LeaseTable, TakesRubbishInAPageForNoLease) {
  LeaseTable table;
  HeapMember member(kMaxQuota);
  ASSERT_TRUE(table.add(member.member));
  // Slots from 0xffef to 0xfffe: far beyond any ring.
  for (uint32_t index = 0; index < kMaxQuota; ++index) {
    set_word(member, index, 0x0123'4567'89ab'fff0u + index % 16);
  }
  LeaseTable::SlotSet leased;
  table.collect(leased, 8);
  EXPECT_TRUE(leased.none());
  for (uint32_t slot = 0; slot < 8; ++slot) EXPECT_FALSE(table.holds(slot));
  set_word(member, 0, uint64_t{5} << 16);  // a generation, but no slot
  EXPECT_FALSE(table.holds(0));
}

TEST(LeaseTable, IsFullAtItsCapacity) {
  BasicLeaseTable<2> table;
  HeapMember one(1), two(1), three(1);
  EXPECT_TRUE(table.add(one.member));
  EXPECT_TRUE(table.add(two.member));
  EXPECT_FALSE(table.add(three.member));
  EXPECT_TRUE(table.reclaimable(table.remove(one.member)));
  EXPECT_TRUE(table.add(three.member));
}

TEST(LeaseTable, ForgetsTheLeasesOfAMemberThatLeft) {
  LeaseTable table;
  HeapMember member(1);
  table.add(member.member);
  set_word(member, 0, lease_word(1, 3));
  table.remove(member.member);
  EXPECT_FALSE(table.holds(3));
}

TEST(LeaseTable, FreesAPageOnlyWhenTheWriterHasLeft) {
  LeaseTable table;
  HeapMember member(1);
  table.add(member.member);
  uint64_t ticket = 0;
  {
    const LeaseTable::Visit visit(table);
    ticket = table.remove(member.member);
    EXPECT_FALSE(table.reclaimable(ticket));
  }
  EXPECT_TRUE(table.reclaimable(ticket));
  const LeaseTable::Visit another(table);
  EXPECT_TRUE(table.reclaimable(ticket));  // this one began after remove()
}

TEST(LeaseTable, RevokesALeaseThatHasStoodTooLong) {
  LeaseTable table;
  HeapMember member(1);
  table.add(member.member);
  set_word(member, 0, lease_word(1, 3));
  EXPECT_EQ(table.age(kStep, kTimeout), 0u);  // seen for the first time
  EXPECT_EQ(table.age(kStep, kTimeout), 0u);
  EXPECT_EQ(table.age(kStep, kTimeout), 0u);
  EXPECT_EQ(table.age(kStep, kTimeout), 1u);
  EXPECT_EQ(word_of(member, 0), kLeaseRevoked);
  EXPECT_FALSE(table.holds(3));
  EXPECT_EQ(member.member.revoked.load_relaxed(), 1u);
  EXPECT_EQ(table.age(kStep, kTimeout), 0u);  // once
}

TEST(LeaseTable, StartsAnewWithEveryLease) {
  LeaseTable table;
  HeapMember member(1);
  table.add(member.member);
  for (uint64_t generation = 1; generation <= 20; ++generation) {
    set_word(member, 0, lease_word(generation, 3));
    EXPECT_EQ(table.age(kStep, kTimeout), 0u);
    EXPECT_EQ(table.age(kStep, kTimeout), 0u);
  }
}

TEST(LeaseTable, DoesNotRevokeEverybodyAfterAPause) {
  LeaseTable table;
  HeapMember member(1);
  table.add(member.member);
  set_word(member, 0, lease_word(1, 3));
  EXPECT_EQ(table.age(kStep, kTimeout), 0u);
  EXPECT_EQ(table.age(3'600'000'000'000, kTimeout), 0u);  // the machine slept for an hour
  EXPECT_EQ(table.age(3'600'000'000'000, kTimeout), 0u);
  EXPECT_EQ(table.age(3'600'000'000'000, kTimeout), 1u);
}

TEST(LeaseTable, TakesBackOnlyWhatStandsOnTheSlot) {
  LeaseTable table;
  HeapMember one(2), two(1);
  table.add(one.member);
  table.add(two.member);
  set_word(one, 0, lease_word(1, 3));
  set_word(one, 1, lease_word(2, 4));
  set_word(two, 0, lease_word(1, 3));
  EXPECT_EQ(table.take_back(3), 2u);
  EXPECT_EQ(word_of(one, 0), kLeaseRevoked);
  EXPECT_EQ(word_of(one, 1), lease_word(2, 4));
  EXPECT_EQ(word_of(two, 0), kLeaseRevoked);
}

}  // namespace
}  // namespace camstream
