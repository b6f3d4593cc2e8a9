// What goes into the pipe, and what becomes of a reader that is slow, dead or wants something else.
#include "capture/frame_feeder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>

#include "capture/nut_writer.h"
#include "support/conversion_rig.h"

namespace camstream {
namespace {

constexpr uint64_t kGrid = 1'000'000'000;

// A feeder with what it told, and the other end of its pipe.
class Fed {
 public:
  explicit Fed(const Camera& camera, FrameRate rate = {})
      : feeder_(
            camera.source(), {rate, kGrid}, [this](const FeedStart& start) { began(start); },
            [this](Error error) { over(std::move(error)); }) {
    end_ = UniqueFd(fcntl(feeder_.reading_end(), F_DUPFD_CLOEXEC, 0));
    feeder_.hand_over();
  }

  std::optional<FeedStart> start() {
    const std::lock_guard lock(mutex_);
    return start_;
  }
  std::string over_code() {
    const std::lock_guard lock(mutex_);
    return code_;
  }
  std::string over_message() {
    const std::lock_guard lock(mutex_);
    return message_;
  }
  FrameFeeder& feeder() { return feeder_; }
  void hang_up() { end_.reset(); }

  // The block code of the next picture in the pipe.
  std::optional<BlockCode> next() {
    const FrameLayout layout = start()->layout;
    const size_t bytes = layout.payload_size;
    if (!std::exchange(header_read_, true)) {
      const uint64_t first_us = (start()->captured_ns - start()->epoch_ns) / 1000;
      read_bytes(nut_header(layout, start()->rate, first_us).size());
    }
    if (!skip_frame_header()) return std::nullopt;
    const std::vector<uint8_t> picture = read_bytes(bytes);
    if (picture.size() != bytes) return std::nullopt;
    return read_block_code({picture.data(), layout});
  }

 private:
  void began(const FeedStart& start) {
    const std::lock_guard lock(mutex_);
    start_ = start;
  }
  void over(Error error) {
    const std::lock_guard lock(mutex_);
    code_ = error.code;
    message_ = error.message;
  }
  bool skip_frame_header() {
    if (read_bytes(3).size() != 3) return false;  // code and flags
    for (int numbers = 0; numbers < 3;) {         // stream, time, size
      const auto byte = read_bytes(1);
      if (byte.empty()) return false;
      if (!(byte[0] & 0x80)) ++numbers;
    }
    return read_bytes(4).size() == 4;  // checksum
  }
  std::vector<uint8_t> read_bytes(size_t count) {
    std::vector<uint8_t> bytes(count);
    size_t done = 0;
    while (done < count) {
      pollfd ready{end_.get(), POLLIN, 0};
      if (poll(&ready, 1, 10'000) <= 0) break;
      const ssize_t got = read(end_.get(), bytes.data() + done, count - done);
      if (got <= 0) break;
      done += static_cast<size_t>(got);
    }
    bytes.resize(done);
    return bytes;
  }

  std::mutex mutex_;
  std::optional<FeedStart> start_;
  std::string code_;
  std::string message_;
  bool header_read_ = false;
  UniqueFd end_;
  FrameFeeder feeder_;
};

void wait_until_seen(Fed& fed, uint64_t frames) {
  ASSERT_TRUE(eventually([&] {
    return fed.feeder().counters().fed + fed.feeder().counters().picked.missed +
               fed.feeder().counters().picked.skipped >= frames;
  }));
}

TEST(FrameFeeder, EachFrameGoesInWholeAndIsRememberedByItsTime) {
  const TemporaryRoot root;
  Camera camera(root, PixelFormat::kI420);
  Fed fed(camera);
  for (uint64_t n = 1; n <= 20; ++n) {
    camera.publish(n);
    wait_until_seen(fed, n);
    const auto code = fed.next();
    ASSERT_TRUE(code) << n;
    EXPECT_EQ(code->sequence, n);
    const FeedStart start = *fed.start();
    EXPECT_EQ(start.epoch_ns % kGrid, 0u);
    EXPECT_LT(start.captured_ns - start.epoch_ns, kGrid);
    const auto ms = static_cast<uint32_t>((code->captured_ns - start.epoch_ns + 500'000) / 1'000'000);
    const auto frame = fed.feeder().fed().take(ms);
    ASSERT_TRUE(frame) << n;
    EXPECT_EQ(frame->captured_ns, code->captured_ns);
    EXPECT_EQ(frame->sequence, n);
  }
  EXPECT_EQ(fed.feeder().fed().pending().count, 0u);
  EXPECT_EQ(fed.feeder().fed().pending().lost, 0u);
}

TEST(FrameFeeder, WhatWasPublishedBeforeItBeganIsLeftOut) {
  const TemporaryRoot root;
  Camera camera(root, PixelFormat::kI420);
  camera.publish(1);
  Fed fed(camera);
  camera.publish(2);
  ASSERT_TRUE(eventually([&] { return fed.start().has_value(); }));
  EXPECT_EQ(fed.next()->sequence, 2u);
}

TEST(FrameFeeder, ASlowReaderGetsTheNewestAndTheOthersAreCounted) {
  const TemporaryRoot root;
  Camera camera(root, PixelFormat::kI420);
  camera.rebuild(1280, 720);  // a picture does not fit into the pipe
  Fed fed(camera);
  camera.publish(1);
  ASSERT_TRUE(eventually([&] { return fed.feeder().counters().writing_since_ns != 0; }));
  for (uint64_t n = 2; n <= 9; ++n) camera.publish(n);
  EXPECT_EQ(fed.next()->sequence, 1u);
  EXPECT_EQ(fed.next()->sequence, 9u);
  EXPECT_EQ(fed.feeder().counters().picked.missed, 7u);
  EXPECT_EQ(fed.feeder().counters().fed, 2u);
}

TEST(FrameFeeder, APictureThatWaitsInThePipeKeepsItsSlotAndNothingQueuesBehindIt) {
  const TemporaryRoot root;
  Camera camera(root, PixelFormat::kI420);
  camera.rebuild(800, 600);  // a picture fits into the pipe
  Fed fed(camera);
  camera.publish(1);
  ASSERT_TRUE(eventually([&] { return fed.feeder().counters().fed == 1; }));
  for (uint64_t n = 2; n <= 40; ++n) camera.publish(n);  // every other slot is written anew meanwhile
  EXPECT_EQ(fed.next()->sequence, 1u);
  EXPECT_EQ(fed.next()->sequence, 40u);
}

TEST(FrameFeeder, APictureThatTheRingTookBackBeforeItWasReadIsTorn) {
  const TemporaryRoot root;
  Camera camera(root, PixelFormat::kI420);
  camera.rebuild(800, 600);  // a picture fits into the pipe
  Fed fed(camera);
  camera.publish(1);
  ASSERT_TRUE(eventually([&] { return fed.feeder().counters().fed == 1; }));
  ASSERT_TRUE(eventually([&] {
    camera.ring().tick();
    return camera.ring().status().revoked == 1;
  }));
  EXPECT_EQ(fed.over_code(), "");
  ASSERT_TRUE(fed.next());
  EXPECT_TRUE(eventually([&] { return fed.over_code() == "FEED_TORN"; }));
  EXPECT_NE(fed.over_message().find("did not read it in time"), std::string::npos);
}

TEST(FrameFeeder, ARingWithoutAPlaceForAnotherEncoderIsSaid) {
  const TemporaryRoot root;
  Camera camera(root, PixelFormat::kI420);
  std::vector<std::unique_ptr<RingHost::LocalReader>> others;
  while (auto reader = camera.ring().add_local_reader()) others.push_back(std::move(reader));
  Fed fed(camera);
  EXPECT_TRUE(eventually([&] { return fed.over_code() == "FEED_SYSTEM"; }));
  EXPECT_NE(fed.over_message().find("no place for another encoder"), std::string::npos);
}

TEST(FrameFeeder, WithoutALeaseItFeedsCopiesThatAreWhole) {
  const TemporaryRoot root;
  Camera camera(root, PixelFormat::kI420);
  camera.local_leases = 0;
  camera.rebuild(1280, 720);
  Fed fed(camera);
  camera.publish(1);
  ASSERT_TRUE(eventually([&] { return fed.feeder().counters().writing_since_ns != 0; }));
  for (uint64_t n = 2; n <= 40; ++n) camera.publish(n);  // every slot is written anew meanwhile
  EXPECT_EQ(fed.next()->sequence, 1u);
  EXPECT_EQ(fed.next()->sequence, 40u);
}

TEST(FrameFeeder, AReaderThatHangsKeepsNoMoreThanOnePictureWaitingAndItCanBeStopped) {
  const TemporaryRoot root;
  Camera camera(root, PixelFormat::kI420);
  camera.rebuild(1280, 720);
  Fed fed(camera);
  for (uint64_t n = 1; n <= 50; ++n) camera.publish(n);
  ASSERT_TRUE(eventually([&] { return fed.feeder().counters().writing_since_ns != 0; }));
  EXPECT_EQ(fed.feeder().fed().pending().count, 1u);
  std::atomic<bool> ended{false};
  fed.feeder().stop([&] { ended = true; });
  EXPECT_TRUE(eventually([&] { return ended.load(); }));
  EXPECT_EQ(fed.over_code(), "");
}

TEST(FrameFeeder, AReaderThatGivesNothingBackGetsNoMoreThanABoundedNumber) {
  const TemporaryRoot root;
  Camera camera(root, PixelFormat::kI420);
  Fed fed(camera);
  for (uint64_t n = 1; n <= FedFrames::kMost; ++n) {
    camera.publish(n);
    ASSERT_TRUE(eventually([&] { return fed.feeder().counters().fed == n; }));
    ASSERT_TRUE(fed.next());
  }
  for (uint64_t n = 100; n < 110; ++n) camera.publish(n);
  usleep(60'000);  // it looks around many times meanwhile
  EXPECT_EQ(fed.feeder().counters().fed, FedFrames::kMost);
}

TEST(FrameFeeder, AReaderThatHasGoneIsToldWithoutASignal) {
  const TemporaryRoot root;
  Camera camera(root, PixelFormat::kI420);
  std::signal(SIGPIPE, SIG_DFL);
  Fed fed(camera);
  camera.publish(1);
  ASSERT_TRUE(eventually([&] { return fed.feeder().counters().fed == 1; }));
  fed.hang_up();
  camera.publish(2);
  EXPECT_TRUE(eventually([&] { return fed.over_code() == "FEED_READER_GONE"; }));
}

TEST(FrameFeeder, HalfTheRateIsEverySecondFrameAndCanBeSetWhileItRuns) {
  const TemporaryRoot root;
  Camera camera(root, PixelFormat::kI420);
  Fed fed(camera, {30, 1});
  for (uint64_t n = 0; n < 10; ++n) {
    camera.publish(n);
    wait_until_seen(fed, n + 1);
    if (n % 2 != 0) continue;
    EXPECT_EQ(fed.next()->sequence, n);
  }
  EXPECT_EQ(fed.feeder().counters().fed, 5u);
  EXPECT_EQ(fed.start()->rate.numerator, 30u);
  fed.feeder().set_rate({});
  camera.publish(10);
  wait_until_seen(fed, 11);
  EXPECT_EQ(fed.next()->sequence, 10u);
  camera.publish(11);
  EXPECT_TRUE(eventually([&] { return fed.feeder().counters().fed == 7; }));
}

TEST(FrameFeeder, ARingMadeAnewIsGoneOnWithUnlessItsPicturesAreOthers) {
  const TemporaryRoot root;
  Camera camera(root, PixelFormat::kI420);
  Fed fed(camera);
  camera.publish(1);
  wait_until_seen(fed, 1);
  EXPECT_EQ(fed.next()->sequence, 1u);
  camera.rebuild(320, 240);
  camera.publish(2);
  ASSERT_TRUE(eventually([&] { return fed.feeder().counters().fed == 2; }));
  EXPECT_EQ(fed.next()->sequence, 2u);
  camera.rebuild(640, 480);
  EXPECT_TRUE(eventually([&] { return fed.over_code() == "FEED_LAYOUT"; }));
}

TEST(FrameFeeder, WhatCannotBeFedAndARingThatIsClosedAreSaid) {
  const TemporaryRoot root;
  Camera yuyv(root);
  Fed packed(yuyv);
  EXPECT_TRUE(eventually([&] { return packed.over_code() == "FEED_FORMAT"; }));
  yuyv.shared().finish();
  Fed gone(yuyv);
  EXPECT_TRUE(eventually([&] { return gone.over_code() == "FEED_SOURCE_GONE"; }));
}

}  // namespace
}  // namespace camstream
