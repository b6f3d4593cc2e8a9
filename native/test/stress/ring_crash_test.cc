// kill -9 of producers and of readers with leases, at random and at the points that random kills miss.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/clock.h"
#include "stress/crash_rig.h"
#include "support/process_facts.h"
#include "support/ring_options.h"

namespace camstream {
namespace {

const uint32_t kRandomKills = long_run() ? 500 : 20;
const uint32_t kNamedKills = long_run() ? 20 : 2;

// What the survivors have open, once all is at rest.
struct Belongings {
  std::vector<uint64_t> descriptors;
  std::vector<uint64_t> mappings;
  bool operator==(const Belongings&) const = default;
};
Belongings belongings(CrashRig& rig) {
  Belongings all;
  for (const ReaderReport* report : rig.survivors()) {
    all.descriptors.push_back(report->descriptors);
    all.mappings.push_back(report->mappings);
  }
  return all;
}

void expect_all_well(CrashRig& rig, const Recovery& recovery, const std::string& what) {
  report_row(what, recovery, rig.torn());
  EXPECT_EQ(recovery.not_served, 0u);
  EXPECT_EQ(rig.torn(), 0u);
  EXPECT_EQ(rig.strange_files(), 0u);
  EXPECT_EQ(rig.producer().starved, 0u);
}

TEST(RingCrash, ProducersKilledAtRandom) {
  CrashRig rig;
  std::minstd_rand random(7);
  Recovery recovery;
  rig.start_producer();
  rig.expect_service(recovery);
  const Belongings before = belongings(rig);
  recovery = {};
  for (uint32_t round = 0; round < kRandomKills; ++round) {
    usleep(static_cast<useconds_t>(random() % 20'000));
    rig.kill_producer();
    // Every fourth time the next one dies young, anywhere in its start.
    if (round % 4 == 0) {
      rig.start_producer();
      usleep(static_cast<useconds_t>(random() % 3'000));
      rig.kill_producer();
    }
    rig.start_producer();
    rig.expect_service(recovery);
  }
  expect_all_well(rig, recovery, "producer, at random");
  EXPECT_EQ(belongings(rig), before);
}

class ProducerDiesAt : public testing::TestWithParam<const char*> {};

TEST_P(ProducerDiesAt, AndTheNextOneServesEverybody) {
  CrashRig rig;
  std::minstd_rand random(11);
  Recovery recovery;
  rig.start_producer();
  rig.expect_service(recovery);
  const Belongings before = belongings(rig);
  recovery = {};
  for (uint32_t round = 0; round < kNamedKills; ++round) {
    rig.kill_producer();
    const std::string point = GetParam();
    const bool repeats = point == "slot_entered" || point == "half_written" || point == "page_handed_over";
    const uint32_t count = repeats ? 1 + static_cast<uint32_t>(random() % 3) : 1;
    rig.start_producer(point + ':' + std::to_string(count));
    ASSERT_TRUE(rig.producer_died()) << point;
    rig.start_producer();
    rig.expect_service(recovery);
  }
  expect_all_well(rig, recovery, std::string("producer, at `") + GetParam() + '`');
  EXPECT_EQ(belongings(rig), before);
}

INSTANTIATE_TEST_SUITE_P(Points, ProducerDiesAt,
                         testing::Values("half_built", "listening", "renamed", "slot_entered", "half_written",
                                         "published", "page_handed_over"),
                         [](const auto& info) { return std::string(info.param); });

// Descriptors and mappings of the producer, once all is at rest.
struct Held {
  uint64_t descriptors;
  uint64_t mappings;
};
Held held_by_producer(CrashRig& rig) {
  EXPECT_TRUE(eventually([&] { return rig.producer().members == 3; }));
  usleep(200'000);  // until the producer's own count is of a time at rest
  return {rig.producer().descriptors, rig.producer().mappings};
}

// The producer has no more members, leases, descriptors or mappings than before.
void expect_nothing_left(CrashRig& rig, const Held& before) {
  EXPECT_TRUE(eventually([&] { return rig.producer().members == 3; })) << rig.producer().members;
  EXPECT_TRUE(eventually([&] { return rig.producer().descriptors == before.descriptors; }))
      << before.descriptors << " before, now " << rig.producer().descriptors;
  EXPECT_TRUE(eventually([&] { return rig.producer().mappings == before.mappings; }))
      << before.mappings << " before, now " << rig.producer().mappings;
  EXPECT_EQ(rig.producer().revoked, 0u);
}

TEST(RingCrash, ReadersKilledAtRandomWithTheirLeases) {
  CrashRig rig;
  std::minstd_rand random(13);
  Recovery recovery;
  rig.start_producer();
  rig.expect_service(recovery);
  const Held before = held_by_producer(rig);
  uint32_t holding = 0;
  for (uint32_t round = 0; round < kRandomKills; ++round) {
    const auto victim = rig.start_victim("", round + 1);
    usleep(static_cast<useconds_t>(random() % 40'000));
    victim->kill_and_wait();
    holding += rig.victim_held_a_lease() ? 1 : 0;
  }
  std::printf("%u of %u had a lease when they were killed\n", holding, kRandomKills);
  EXPECT_GE(holding, kRandomKills / 10);
  const uint64_t frames = rig.producer().published;
  EXPECT_TRUE(eventually([&] { return rig.producer().published > frames + 100; }));
  recovery.rounds = kRandomKills;
  expect_all_well(rig, recovery, "reader, at random (" + std::to_string(holding) + " with a lease)");
  expect_nothing_left(rig, before);
}

class ReaderDiesAt : public testing::TestWithParam<const char*> {};

TEST_P(ReaderDiesAt, AndLeavesNothing) {
  CrashRig rig;
  Recovery recovery;
  rig.start_producer();
  rig.expect_service(recovery);
  const Held before = held_by_producer(rig);
  for (uint32_t round = 0; round < kNamedKills; ++round) {
    const auto victim =
        rig.start_victim(std::string(GetParam()) + ":" + std::to_string(1 + round), round + 1);
    int status = 0;
    ASSERT_EQ(waitpid(victim->pid(), &status, 0), victim->pid());
    victim->forget();
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << GetParam();
  }
  recovery.rounds = kNamedKills;
  expect_all_well(rig, recovery, std::string("reader, at `") + GetParam() + '`');
  expect_nothing_left(rig, before);
}

INSTANTIATE_TEST_SUITE_P(Points, ReaderDiesAt, testing::Values("lease_stored", "frame_held"),
                         [](const auto& info) { return std::string(info.param); });

TEST(RingCrash, TheFolderIsDeletedWhileTheRingRuns) {
  CrashRig rig;
  Recovery recovery;
  rig.start_producer();
  rig.expect_service(recovery);
  const Held before = held_by_producer(rig);
  const Belongings of_readers = belongings(rig);
  const uint32_t rounds = long_run() ? 50 : 3;
  recovery = {};
  for (uint32_t round = 0; round < rounds; ++round) {
    const uint64_t rebuilt = rig.producer().rebuilt;
    const uint64_t deleted_ns = monotonic_ns();
    for (auto* report : rig.survivors()) report->producer = 0;
    rig.producer().pid = 0;
    std::filesystem::remove_all(rig.root() + "/camera");
    EXPECT_TRUE(eventually([&] { return rig.producer().rebuilt > rebuilt; }));
    EXPECT_TRUE(eventually([&] { return rig.producer().pid != 0; }));
    rig.producer().first_frame_ns = deleted_ns;  // the whole way, from the deletion on
    rig.expect_service(recovery);
  }
  expect_all_well(rig, recovery, "folder deleted (from the deletion on)");
  EXPECT_EQ(belongings(rig), of_readers);
  expect_nothing_left(rig, before);
}

}  // namespace
}  // namespace camstream
