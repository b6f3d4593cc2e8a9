// The capture thread's rings: replaced, rebuilt, looked after, and the track beside.
#include "support/capture_loop_rig.h"

#include <algorithm>
#include <filesystem>

#include "ring/ring_file.h"

namespace camstream {
namespace {

TEST_F(CaptureLoopTest, RebuildsTheRingWhenTheLayoutHasChanged) {
  start();
  ASSERT_TRUE(*opened_);
  wait_for_frames(1);
  {
    std::lock_guard lock(script_->mutex);
    script_->width = 128;
    script_->fails_in = "next";
    script_->failures = {"DEVICE_SIGNAL_CHANGED"};
  }
  EXPECT_EQ(event(LoopEvent::Kind::kRebuilt).geometry->width, 128u);
  event(LoopEvent::Kind::kRecovered);
}

TEST_F(CaptureLoopTest, RebuildsTheRingWhenItsFolderWasTakenAway) {
  start();
  ASSERT_TRUE(*opened_);
  wait_for_frames(1);
  const std::string folder = root_.path() + "/" + small_ring(root_.path()).name;
  std::filesystem::remove_all(folder);
  event(LoopEvent::Kind::kRebuilt);
  wait_for_frames(2);
  EXPECT_TRUE(std::filesystem::exists(folder + "/ring"));
  EXPECT_EQ(script_->opens, 1u);  // the camera had no part in it
}

TEST_F(CaptureLoopTest, RebuildsTheRingWhileTheSourceIsDown) {
  start();
  ASSERT_TRUE(*opened_);
  wait_for_frames(1);
  fail("next", {"DEVICE_GONE"});
  event(LoopEvent::Kind::kFailed);
  fail("open", std::deque<std::string>(1000, "DEVICE_NOT_FOUND"));
  event(LoopEvent::Kind::kFailed, 4);  // waits for 1.6 s by now, and then for 2
  const std::string folder = root_.path() + "/camera";
  std::filesystem::remove_all(folder);
  const uint64_t deleted_ns = monotonic_ns();
  event(LoopEvent::Kind::kRebuilt);
  EXPECT_LT(monotonic_ns() - deleted_ns, 10'000'000'000u);  // ten times what is wanted
  EXPECT_TRUE(std::filesystem::exists(folder + "/ring"));
  EXPECT_EQ(loop_->ring()->with([](RingHost* host) { return host->memory().live->state.load_relaxed(); }),
            static_cast<uint32_t>(RingState::kStalled));
}

TEST_F(CaptureLoopTest, TellsOnceThatALeaseWasTakenAway) {
  start();
  ASSERT_TRUE(*opened_);
  wait_for_frames(1);
  auto file = RingFile::open(root_.path(), "camera");
  ASSERT_TRUE(file) << file.error().message;
  RingReader reader = (*file)->make_reader();
  const auto held = reader.newest(0);
  ASSERT_TRUE(held && held->lease >= 0);
  const uint64_t begin_ns = monotonic_ns();
  EXPECT_EQ(event(LoopEvent::Kind::kRevoked).count, 1u);
  EXPECT_GE(monotonic_ns() - begin_ns, 900'000'000u);
  EXPECT_FALSE(reader.intact(*held));
  wait_for_frames(published() + 300);  // a look at the leases and more
  const std::lock_guard lock(mutex_);
  EXPECT_EQ(std::count_if(events_.begin(), events_.end(),
                          [](const LoopEvent& each) { return each.kind == LoopEvent::Kind::kRevoked; }),
            1);
}

TEST_F(CaptureLoopTest, KeepsATrackBesideItsRingAndDropsItWithTheSource) {
  script_->has_track = true;
  start();
  wait_for_frames(3);
  const auto tracks = loop_->tracks();
  ASSERT_EQ(tracks.size(), 1u);
  const auto facts = [&] {
    return tracks[0].ring->with([](RingHost* host) {
      return host ? std::optional(std::tuple(std::string(host->geometry().name), host->status().published))
                  : std::nullopt;
    });
  };
  ASSERT_TRUE(facts());
  EXPECT_EQ(std::get<0>(*facts()), "camera-jpeg");
  EXPECT_GE(std::get<1>(*facts()), 2u);
  const auto folder = root_.path() + "/camera-jpeg";
  EXPECT_TRUE(std::filesystem::exists(folder + "/ring"));

  {
    std::lock_guard lock(script_->mutex);
    script_->has_track = false;
  }
  fail("next", {"DEVICE_GONE"});
  event(LoopEvent::Kind::kRecovered);
  EXPECT_TRUE(loop_->tracks().empty());
  EXPECT_FALSE(std::filesystem::exists(folder + "/ring"));
}

TEST_F(CaptureLoopTest, RebuildsATrackWhoseFolderIsTakenAway) {
  script_->has_track = true;
  start();
  wait_for_frames(3);
  std::filesystem::remove_all(root_.path() + "/camera-jpeg");
  const uint64_t until = monotonic_ns() + 20'000'000'000;
  while (!std::filesystem::exists(root_.path() + "/camera-jpeg/ring") && monotonic_ns() < until) {
    sleep_until(monotonic_ns() + 1'000'000);
  }
  EXPECT_TRUE(std::filesystem::exists(root_.path() + "/camera-jpeg/ring"));
  const uint64_t before = published();
  wait_for_frames(before + 3);
}

}  // namespace
}  // namespace camstream
