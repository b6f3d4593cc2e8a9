// Even spacing, whatever the two rates are.
#include "capture/rate_policy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace camstream {
namespace {

struct Source {
  FrameRate nominal;
  double true_hertz;
  int64_t jitter_ns = 0;
  uint32_t frames = 6000;
};

// Numbers of the source's frames that are taken.
std::vector<uint32_t> taken(const Source& source, FrameRate wanted) {
  RatePolicy policy(wanted, source.nominal);
  std::mt19937 random(5);
  std::vector<uint32_t> numbers;
  for (uint32_t n = 0; n < source.frames; ++n) {
    const int64_t jitter =
        source.jitter_ns == 0 ? 0 : static_cast<int64_t>(random() % (2 * source.jitter_ns));
    const auto captured_ns =
        1'000'000'000u + static_cast<uint64_t>(n * 1e9 / source.true_hertz) + static_cast<uint64_t>(jitter);
    if (policy.wants(captured_ns)) numbers.push_back(n);
  }
  return numbers;
}

// The smallest and largest distance between neighbours.
std::pair<uint32_t, uint32_t> distances(const std::vector<uint32_t>& numbers) {
  uint32_t least = ~0u, most = 0;
  for (size_t n = 1; n < numbers.size(); ++n) {
    least = std::min(least, numbers[n] - numbers[n - 1]);
    most = std::max(most, numbers[n] - numbers[n - 1]);
  }
  return {least, most};
}

TEST(RatePolicy, HalfTheRateIsEverySecondFrame) {
  const auto numbers = taken({{60, 1}, 60}, {30, 1});
  EXPECT_EQ(numbers.size(), 3000u);
  EXPECT_EQ(distances(numbers), std::pair(2u, 2u));
}

TEST(RatePolicy, HalfTheRateStaysEverySecondFrameWithJitterAndAClockThatIsOff) {
  for (const double hertz : {59.94, 59.98, 60.0, 60.02, 60.06}) {
    const auto numbers = taken({{60, 1}, hertz, 3'000'000, 20'000}, {30, 1});
    EXPECT_EQ(distances(numbers), std::pair(2u, 2u)) << hertz;
  }
}

TEST(RatePolicy, TwentyFiveOfSixtyAreSpreadEvenly) {
  const auto numbers = taken({{60, 1}, 60}, {25, 1});
  EXPECT_NEAR(static_cast<double>(numbers.size()), 2500, 25);
  EXPECT_EQ(distances(numbers), std::pair(2u, 3u));
}

TEST(RatePolicy, FifteenOfThirtyThousandByOneThousandAndOne) {
  const auto numbers = taken({{30000, 1001}, 30000 / 1001.0}, {15, 1});
  EXPECT_EQ(distances(numbers), std::pair(2u, 2u));
}

TEST(RatePolicy, TwentyFourOfThirty) {
  const auto numbers = taken({{30, 1}, 30}, {24, 1});
  EXPECT_NEAR(static_cast<double>(numbers.size()), 4800, 48);
  EXPECT_EQ(distances(numbers), std::pair(1u, 2u));
}

TEST(RatePolicy, NeverMoreThanTheSourceHas) {
  for (const FrameRate wanted : {FrameRate{60, 1}, FrameRate{30, 1}, FrameRate{}}) {
    EXPECT_EQ(taken({{30, 1}, 30}, wanted).size(), 6000u);
    EXPECT_EQ(taken({{30, 1}, 29.5, 10'000'000}, wanted).size(), 6000u);
  }
}

TEST(RatePolicy, ASourceThatDoesNotKnowItsRateIsThinnedToo) {
  const auto numbers = taken({{}, 60, 1'000'000}, {20, 1});
  EXPECT_NEAR(static_cast<double>(numbers.size()), 2000, 20);
  EXPECT_EQ(distances(numbers), std::pair(3u, 3u));
}

TEST(RatePolicy, AfterAGapAndAfterAStepBackTheNextFrameIsTakenAndTheRhythmStartsThere) {
  RatePolicy policy({10, 1}, {20, 1});
  EXPECT_TRUE(policy.wants(1'000'000'000));
  EXPECT_FALSE(policy.wants(1'050'000'000));
  EXPECT_TRUE(policy.wants(5'020'000'000));   // after four seconds of nothing
  EXPECT_FALSE(policy.wants(5'070'000'000));  // and no burst to make up for them
  EXPECT_TRUE(policy.wants(5'120'000'000));
  EXPECT_TRUE(policy.wants(3'000'000'000));
  EXPECT_FALSE(policy.wants(3'050'000'000));
}

TEST(FrameRate, FindsTheFractionThatIsMeant) {
  const auto is = [](double hertz, uint32_t numerator, uint32_t denominator) {
    const FrameRate rate = frame_rate_of(hertz);
    EXPECT_EQ(rate.numerator, numerator) << hertz;
    EXPECT_EQ(rate.denominator, denominator) << hertz;
  };
  is(30, 30, 1);
  is(29.97, 30000, 1001);
  is(59.94, 60000, 1001);
  is(23.976, 24000, 1001);
  is(14.985, 15000, 1001);
  is(7.5, 15, 2);
  is(12.5, 25, 2);
  is(0.2, 1, 5);
  is(0, 0, 1);
  is(-5, 0, 1);
  is(1e12, kMaxHertz, 1);
}

TEST(FrameRate, DoesNotDrift) {
  const FrameRate ntsc{30000, 1001};
  EXPECT_EQ(ntsc.offset_ns(30000), 1'001'000'000'000u);
  EXPECT_EQ(ntsc.offset_ns(30000ull * 1'000'000), 1'001'000'000'000'000'000u);
}

}  // namespace
}  // namespace camstream
