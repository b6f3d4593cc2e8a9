// One writer at full speed and readers in processes of their own: random leases, stopped, killed. Not one
// byte of another frame may show in a frame that is said to be whole, and the writer always finds a slot.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

#include "base/clock.h"
#include "stress/numbered_producer.h"
#include "stress/numbered_reader.h"
#include "stress/shared_report.h"
#include "support/child.h"
#include "support/ring_options.h"
#include "support/temporary_root.h"

namespace camstream {
namespace {

constexpr size_t kReaders = 8;

TEST(RingStress, NoFrameIsTornAndTheWriterIsNeverHeldUp) {
  const uint64_t seconds = std::getenv("CAMSTREAM_LONG") != nullptr ? 60 : 4;
  const TemporaryRoot root;
  SharedReport<ProducerReport> producer;
  SharedReport<std::array<ReaderReport, kReaders>> readers;
  Child writing([&] { run_numbered_producer(numbered_ring(root.path()), 0, *producer); });
  const uint64_t end_ns = monotonic_ns() + seconds * 1'000'000'000;
  const auto start = [&](size_t index) {
    ReaderHabits habits;
    habits.join = index % 4 != 3;  // every fourth is no member
    habits.every = index % 2 == 0;
    habits.hold_us = index < 4 ? 2'000 : 0;
    habits.seed = static_cast<uint32_t>(index + 1);
    return std::make_unique<Child>(
        [&, habits] { run_numbered_reader(root.path(), habits, (*readers)[index]); });
  };
  std::vector<std::unique_ptr<Child>> children;
  for (size_t index = 0; index < kReaders; ++index) children.push_back(start(index));
  std::minstd_rand random(17);
  uint32_t stops = 0;
  uint32_t kills = 0;
  while (monotonic_ns() < end_ns) {
    const size_t index = random() % kReaders;
    if (random() % 4 == 0) {
      children[index] = start(index);  // the one before is killed
      ++kills;
    } else {
      kill(children[index]->pid(), SIGSTOP);
      usleep(static_cast<useconds_t>(random() % 30'000));
      kill(children[index]->pid(), SIGCONT);
      ++stops;
    }
    usleep(static_cast<useconds_t>(random() % 10'000));
  }
  uint64_t frames = 0;
  uint64_t lapped = 0;
  for (const ReaderReport& report : *readers) {
    EXPECT_GT(report.frames, 0u);
    EXPECT_EQ(report.torn, 0u);
    EXPECT_EQ(report.revoked, 0u);  // nobody held for as long as the timeout
    frames += report.frames;
    lapped += report.lapped;
  }
  EXPECT_EQ(producer->starved, 0u);
  EXPECT_GT(producer->published, 1000u);
  EXPECT_GT(lapped, 0u);  // else the test was too gentle to mean anything
  std::printf("published %lu, read %lu, lapped %lu, torn 0; %u stops, %u kills in %lu s\n",
              producer->published.load(), frames, lapped, stops, kills, seconds);
}

// The payload check itself: with leases ignored by the reader it must find frames that changed.
TEST(RingStress, AFrameHeldWithoutALeaseChangesAndThatIsNoticed) {
  const TemporaryRoot root;
  SharedReport<ProducerReport> producer;
  SharedReport<ReaderReport> reader;
  Child writing([&] { run_numbered_producer(numbered_ring(root.path()), 0, *producer); });
  Child reading([&] { run_numbered_reader(root.path(), {.join = false, .hold_us = 20'000}, *reader); });
  EXPECT_TRUE(eventually([&] { return reader->lapped > 10; }));
  EXPECT_EQ(reader->torn, 0u);
}

}  // namespace
}  // namespace camstream
