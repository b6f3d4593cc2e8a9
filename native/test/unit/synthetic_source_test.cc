// The test camera in a ring: paced, counted and whole.
#include "capture/synthetic_source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "pixels/block_code.h"
#include "pixels/row_code.h"
#include "support/ring_options.h"
#include "support/temporary_root.h"

namespace camstream {
namespace {

std::unique_ptr<RingHost> ring_for(const Source& source, const TemporaryRoot& root) {
  RingHostOptions options = small_ring(root.path());
  options.layout = source.layout();
  auto ring = RingHost::open(options);
  EXPECT_TRUE(ring) << ring.error().message;
  return ring ? std::move(*ring) : nullptr;
}

TEST(SyntheticSource, PublishesPicturesThatSayWhatTheirSlotsSay) {
  for (const auto& [format, name] : kFormatNames) {
    const TemporaryRoot root;
    const auto source =
        make_synthetic_source({.width = 322, .height = 242, .rate = {500, 1}, .format = format});
    ASSERT_TRUE(source->open());
    const auto ring = ring_for(*source, root);
    ASSERT_TRUE(source->start(*ring));
    const auto reader = ring->add_local_reader();
    uint64_t seen = 0;
    for (int n = 0; n < 60; ++n) {  // several times around the ring
      const auto next = source->next(*ring, 1000);
      ASSERT_TRUE(next);
      ASSERT_EQ(*next, Source::Next::kFrame);
      auto frame = reader->reader().newest(seen);
      ASSERT_TRUE(frame);
      seen = frame->meta.sequence;
      const ConstImage image{ring->payload(frame->slot), source->layout()};
      const auto code = read_block_code(image);
      ASSERT_TRUE(code) << name;
      EXPECT_EQ(code->sequence, frame->meta.source_sequence);
      EXPECT_EQ(code->captured_ns, frame->meta.captured_ns);
      const RowCheck rows = check_rows(image);
      EXPECT_FALSE(rows.torn);
      EXPECT_EQ(rows.sequence, static_cast<uint16_t>(code->sequence));
      EXPECT_EQ(frame->meta.bytes_used, source->layout().payload_size);
      reader->reader().release(*frame);
    }
    source->stop(*ring);
    source->close();
  }
}

TEST(SyntheticSource, SaysSoWhenTheRingHasNoSlotLeft) {
  const TemporaryRoot root;
  const auto source = make_synthetic_source({.width = 64, .height = 48, .rate = {500, 1}});
  ASSERT_TRUE(source->open());
  const auto ring = ring_for(*source, root);
  ASSERT_TRUE(source->start(*ring));
  while (ring->begin()) continue;
  const auto next = source->next(*ring, 1000);
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().code, "RING_NO_SLOT");
  EXPECT_EQ(next.error().message, "No slot of the ring is free for the next frame.");
}

// Each frame has its time from the start on: a source that sleeps for a period from frame to frame gets
// later by what painting and waking up take, until it has to leave frames out.
TEST(SyntheticSource, KeepsItsRateWithoutDrift) {
  constexpr double kPeriodNs = 1e9 * 1001 / 240000;
  const size_t count = std::getenv("CAMSTREAM_LONG") != nullptr ? 14'400 : 480;  // a minute, or two seconds
  const TemporaryRoot root;
  const auto source = make_synthetic_source(
      {.width = 160, .height = 120, .rate = {240000, 1001}, .format = PixelFormat::kGray8});
  ASSERT_TRUE(source->open());
  const auto ring = ring_for(*source, root);
  const auto reader = ring->add_local_reader();
  const uint64_t start_ns = monotonic_ns();
  ASSERT_TRUE(source->start(*ring));
  std::vector<double> late_ns;  // each frame, against the time of the one with its number
  while (late_ns.size() < count) {
    if (*source->next(*ring, 100) != Source::Next::kFrame) continue;
    const auto frame = reader->reader().newest(late_ns.size(), false);
    ASSERT_TRUE(frame);
    late_ns.push_back(static_cast<double>(frame->meta.captured_ns - start_ns) -
                      kPeriodNs * (frame->meta.source_sequence - 1));
  }
  EXPECT_GE(*std::min_element(late_ns.begin(), late_ns.end()), 0);  // never early
  // The most punctual quarter of the second half: being late now and then is the machine's.
  const auto half = late_ns.begin() + static_cast<ptrdiff_t>(count / 2);
  const auto quarter = half + static_cast<ptrdiff_t>(count / 8);
  std::nth_element(half, quarter, late_ns.end());
  std::printf("a quarter late by less than %.3f ms, %lu lost in %.1f s\n", *quarter / 1e6,
              source->counters().dropped.load(), static_cast<double>(count) * kPeriodNs / 1e9);
  EXPECT_LT(*quarter, kPeriodNs);
}

TEST(SyntheticSource, SkipsAndCountsWhatItIsTooLateFor) {
  const TemporaryRoot root;
  const auto source =
      make_synthetic_source({.width = 160, .height = 120, .rate = {1000, 1}, .format = PixelFormat::kGray8});
  ASSERT_TRUE(source->open());
  const auto ring = ring_for(*source, root);
  ASSERT_TRUE(source->start(*ring));
  const auto reader = ring->add_local_reader();
  ASSERT_EQ(*source->next(*ring, 1000), Source::Next::kFrame);
  const auto before = reader->reader().newest(0);
  ASSERT_TRUE(before);
  usleep(50'000);  // this is what is tested: nobody asks for 50 periods
  ASSERT_EQ(*source->next(*ring, 1000), Source::Next::kFrame);
  const auto after = reader->reader().newest(before->meta.sequence);
  ASSERT_TRUE(after);
  EXPECT_GE(after->meta.dropped_before, 40u);
  EXPECT_EQ(after->meta.source_sequence - before->meta.source_sequence, after->meta.dropped_before + 1);
  EXPECT_EQ(source->counters().dropped.load(), after->meta.dropped_before);
  EXPECT_EQ(after->meta.sequence, before->meta.sequence + 1);  // the ring's own count has no gap
}

TEST(SyntheticSource, WaitsNoLongerThanItWasTold) {
  const TemporaryRoot root;
  const auto source =
      make_synthetic_source({.width = 160, .height = 120, .rate = {1, 10}, .format = PixelFormat::kGray8});
  ASSERT_TRUE(source->open());
  const auto ring = ring_for(*source, root);
  ASSERT_TRUE(source->start(*ring));
  ASSERT_EQ(*source->next(*ring, 1000), Source::Next::kFrame);  // frame 0 is due at once
  const uint64_t start_ns = monotonic_ns();
  EXPECT_EQ(*source->next(*ring, 20), Source::Next::kTimeout);
  EXPECT_LT(monotonic_ns() - start_ns, 2'000'000'000u);
}

TEST(SyntheticSource, MarksTheFirstFrameAfterARestart) {
  const TemporaryRoot root;
  const auto source =
      make_synthetic_source({.width = 160, .height = 120, .rate = {1000, 1}, .format = PixelFormat::kGray8});
  ASSERT_TRUE(source->open());
  const auto ring = ring_for(*source, root);
  const auto reader = ring->add_local_reader();
  const auto flags_of_next = [&] {
    const uint64_t seen = head_sequence(reader->reader().head());
    EXPECT_EQ(*source->next(*ring, 1000), Source::Next::kFrame);
    return reader->reader().newest(seen, false)->meta.flags;
  };
  ASSERT_TRUE(source->start(*ring));
  EXPECT_EQ(flags_of_next(), 0u);
  source->stop(*ring);
  source->mark_discontinuity();
  ASSERT_TRUE(source->start(*ring));
  EXPECT_EQ(flags_of_next(), kFrameDiscontinuity);
  EXPECT_EQ(flags_of_next(), 0u);
}

TEST(SyntheticSource, RefusesWhatCannotBePainted) {
  for (const SyntheticOptions options :
       {SyntheticOptions{.width = 0}, SyntheticOptions{.height = 0}, SyntheticOptions{.width = 8193},
        SyntheticOptions{.rate = {0, 1}}, SyntheticOptions{.rate = {1001, 1}},
        SyntheticOptions{.rate = {1, 1000}}}) {
    const auto source = make_synthetic_source(options);
    const Status opened = source->open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, "SOURCE_OPTION");
  }
}

}  // namespace
}  // namespace camstream
