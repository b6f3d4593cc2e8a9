// The conversion thread between two rings of one process.
#include "capture/conversion_loop.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/conversion_rig.h"

namespace camstream {
namespace {

TEST(ConversionLoop, GivesTheSourcesFrameInTheDerivedRing) {
  const TemporaryRoot root;
  Camera camera(root);
  Derived derived(camera, root, to_bgr(640));
  ASSERT_TRUE(derived.up());
  for (uint64_t n = 1; n <= 30; ++n) {
    camera.publish(n, n == 7 ? uint32_t{kFrameEstimatedTime} : 0);
    ASSERT_TRUE(eventually([&] { return derived.published() == n; }));
    const auto frame = derived.newest();
    ASSERT_TRUE(frame && frame->code);
    EXPECT_EQ(frame->code->sequence, n);
    EXPECT_EQ(frame->code->captured_ns, frame->meta.captured_ns);
    EXPECT_EQ(frame->meta.source_sequence, n);
    EXPECT_EQ(frame->meta.flags, n == 7 ? uint32_t{kFrameEstimatedTime} : 0u);
    EXPECT_EQ(frame->meta.bytes_used, 640u * 480 * 3);
    EXPECT_FALSE(frame->rows.torn);
    EXPECT_EQ(frame->rows.sequence, n);
  }
  EXPECT_EQ(derived.layout().rate_numerator, 60u);
  EXPECT_EQ(derived.state(), RingState::kLive);
  EXPECT_EQ(derived.loop().counters().converted.load(), 30u);
  EXPECT_GT(derived.loop().counters().convert_ns.load(), 0u);
}

TEST(ConversionLoop, HalfTheRateIsEverySecondFrameAndLossIsScaled) {
  const TemporaryRoot root;
  Camera camera(root);
  Derived derived(camera, root, to_bgr(0, {30, 1}));
  ASSERT_TRUE(derived.up());
  EXPECT_EQ(derived.layout().rate_numerator, 30u);
  uint64_t published = 0;
  for (uint64_t n = 0; n < 20; ++n) {
    camera.publish(n, n == 5 ? uint32_t{kFrameDiscontinuity} : 0, n == 8 ? 4 : 0);
    if (n % 2 == 0) ++published;
    ASSERT_TRUE(
        eventually([&] { return derived.published() + derived.loop().counters().skipped.load() == n + 1; }));
    ASSERT_EQ(derived.published(), published) << n;
    if (n % 2 != 0) continue;
    const auto frame = derived.newest();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->meta.source_sequence, n);
    EXPECT_EQ(frame->meta.flags,
              n == 6 ? uint32_t{kFrameDiscontinuity} : 0u);   // frame 5 itself is not wanted
    EXPECT_EQ(frame->meta.dropped_before, n == 8 ? 2u : 0u);  // half of them would have been
  }
  EXPECT_EQ(derived.loop().counters().skipped.load(), 10u);
  EXPECT_EQ(derived.loop().counters().missed.load(), 0u);
}

TEST_F(RunningConversion, FollowsTheStateOfItsSource) {
  camera.ring().set_state(RingState::kStalled);
  ASSERT_TRUE(eventually([&] { return derived.state() == RingState::kStalled; }));
  EXPECT_EQ(derived.count(LoopEvent::Kind::kStalled), 1u);
  camera.ring().set_state(RingState::kLive);
  camera.publish(2);
  ASSERT_TRUE(eventually([&] { return derived.state() == RingState::kLive; }));
  ASSERT_TRUE(eventually([&] { return derived.count(LoopEvent::Kind::kRecovered) == 1; }));
}

TEST_F(RunningConversion, ASourceRebuiltAlikeKeepsTheRing) {
  camera.rebuild(320, 240);
  camera.publish(2);
  ASSERT_TRUE(eventually([&] { return derived.published() == 2; }));
  const auto frame = derived.newest();
  ASSERT_TRUE(frame && frame->code);
  EXPECT_EQ(frame->code->sequence, 2u);
  EXPECT_EQ(frame->meta.flags, kFrameDiscontinuity);
  EXPECT_EQ(derived.count(LoopEvent::Kind::kRebuilt), 0u);
}

TEST_F(RunningConversion, ASourceOfAnotherSizeGivesANewRing) {
  camera.rebuild(640, 480);
  camera.publish(2);
  ASSERT_TRUE(eventually([&] { return derived.layout().width == 640 && derived.published() == 1; }));
  const auto frame = derived.newest();
  ASSERT_TRUE(frame && frame->code);
  EXPECT_EQ(frame->code->sequence, 2u);
  EXPECT_EQ(derived.count(LoopEvent::Kind::kRebuilt), 1u);
}

TEST_F(RunningConversion, ItHasRecoveredAlsoWithANewRing) {
  camera.ring().set_state(RingState::kStalled);
  ASSERT_TRUE(eventually([&] { return derived.count(LoopEvent::Kind::kStalled) == 1; }));
  camera.rebuild(640, 480);
  camera.publish(2);
  ASSERT_TRUE(eventually([&] { return derived.count(LoopEvent::Kind::kRecovered) == 1; }));
  EXPECT_EQ(derived.count(LoopEvent::Kind::kRebuilt), 1u);
  EXPECT_EQ(derived.count(LoopEvent::Kind::kStalled), 1u);
}

TEST(ConversionLoop, ASourceOfAnotherSizeThatScalesToTheSameKeepsTheRing) {
  const TemporaryRoot root;
  Camera camera(root);
  Derived derived(camera, root, to_bgr(480));
  ASSERT_TRUE(derived.up());
  camera.publish(1);
  ASSERT_TRUE(eventually([&] { return derived.published() == 1; }));
  camera.rebuild(640, 480);
  camera.publish(2);
  ASSERT_TRUE(eventually([&] { return derived.published() == 2; }));
  EXPECT_EQ(derived.newest()->code->sequence, 2u);
  EXPECT_EQ(derived.count(LoopEvent::Kind::kRebuilt), 0u);
}

TEST_F(RunningConversion, ItsFolderTakenAwayIsBuiltAgainActiveOrPaused) {
  std::filesystem::remove_all(root.ring("derived"));
  ASSERT_TRUE(eventually([&] { return derived.count(LoopEvent::Kind::kRebuilt) == 1; }));
  EXPECT_TRUE(std::filesystem::exists(root.ring("derived") + "/ring"));
  derived.loop().set_active(false);
  std::filesystem::remove_all(root.ring("derived"));
  ASSERT_TRUE(eventually([&] { return derived.count(LoopEvent::Kind::kRebuilt) == 2; }));
  EXPECT_TRUE(std::filesystem::exists(root.ring("derived") + "/ring"));
  derived.loop().set_active(true);
  camera.publish(2);
  ASSERT_TRUE(eventually([&] { return derived.published() >= 1; }));
}

// Without a lease the conversion decides by the version, afterwards, whether its frame was still there.
TEST(ConversionLoop, WithoutALeaseNoTornFrameIsPublished) {
  const TemporaryRoot root;
  Camera camera(root);
  camera.local_leases = 0;
  camera.rebuild(640, 480);
  Derived derived(camera, root, to_bgr(1920));  // takes longer than to paint a frame, instrumented too
  ASSERT_TRUE(derived.up());
  const ConversionCounters& counters = derived.loop().counters();
  uint64_t n = 0;
  while (n < 600 || (counters.missed == 0 && n < 6000)) {
    camera.publish(++n);
    if (n % 30 != 0) continue;  // as fast as it goes: 30 frames lap the conversion twice
    ASSERT_TRUE(eventually([&] {
      const auto frame = derived.newest();
      if (!frame) return false;
      EXPECT_TRUE(frame->code);
      EXPECT_EQ(frame->code->captured_ns, frame->meta.captured_ns);
      EXPECT_FALSE(frame->rows.torn) << frame->rows.row;
      EXPECT_EQ(frame->rows.sequence, static_cast<uint16_t>(frame->meta.source_sequence));
      return frame->meta.source_sequence == n;
    }));
  }
  EXPECT_LT(counters.converted.load(), n);
  EXPECT_GT(counters.missed.load(), 0u);
  EXPECT_EQ(counters.skipped.load(), 0u);
}

TEST(ConversionLoop, StopsAtOnceWhateverItIsDoing) {
  const TemporaryRoot root;
  Camera camera(root);
  const auto stop_ms = [](Derived& derived) {
    const uint64_t start_ns = monotonic_ns();
    std::atomic<bool> ended{false};
    derived.loop().stop([&] { ended = true; });
    EXPECT_TRUE(eventually([&] { return ended.load(); }));
    return (monotonic_ns() - start_ns) / 1'000'000;
  };
  {
    Derived waiting(camera, root, to_bgr());
    ASSERT_TRUE(waiting.up());
    EXPECT_LT(stop_ms(waiting), 1000u);  // 100 ms are meant
  }
  {
    Derived paused(camera, root, to_bgr());
    ASSERT_TRUE(paused.up());
    paused.loop().set_active(false);
    EXPECT_LT(stop_ms(paused), 1000u);
  }
  Derived orphan(camera, root, to_bgr());
  ASSERT_TRUE(orphan.up());
  camera.shared().finish();
  ASSERT_TRUE(eventually([&] { return orphan.code().empty() && orphan.state() != RingState::kLive; }));
  EXPECT_LT(stop_ms(orphan), 1000u);
  EXPECT_FALSE(std::filesystem::exists(root.ring("derived") + "/ring"));
}

TEST(ConversionLoop, RebuildsItsRingWhileItsCameraIsGone) {
  const TemporaryRoot root;
  Camera camera(root);
  Derived derived(camera, root, to_bgr());
  ASSERT_TRUE(derived.up());
  camera.shared().finish();
  ASSERT_TRUE(eventually([&] { return derived.started(LoopEvent::Kind::kStalled); }));
  std::filesystem::remove_all(root.ring("derived"));
  EXPECT_TRUE(eventually([&] { return derived.started(LoopEvent::Kind::kRebuilt); }));
  EXPECT_TRUE(std::filesystem::exists(root.ring("derived") + "/ring"));
  EXPECT_EQ(derived.state(), RingState::kStalled);
}

TEST(ConversionLoop, SaysWhatIsWrongAtOnce) {
  const TemporaryRoot root;
  Camera camera(root);
  Derived crop(camera, root, {.picture = {.crop = Rect{0, 0, 1000, 10}}, .rate = {}});
  EXPECT_FALSE(crop.up());
  EXPECT_EQ(crop.code(), "CONVERSION_CROP");
  Derived first(camera, root, to_bgr());
  ASSERT_TRUE(first.up());
  Derived second(camera, root, to_bgr());
  EXPECT_FALSE(second.up());
  EXPECT_EQ(second.code(), "RING_BUSY");
  camera.shared().finish();
  const TemporaryRoot elsewhere;
  Derived late(camera, elsewhere, to_bgr());
  EXPECT_FALSE(late.up());
  EXPECT_EQ(late.code(), "CONVERSION_NO_SOURCE");
}

}  // namespace
}  // namespace camstream
