// A camera's JPEGs through both rings: what is published, in which order, and what is said of losses.
#include "capture/jpeg_path.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <optional>

#include "capture/v4l2_agreement.h"
#include "pixels/jpeg_huffman_tables.h"
#include "support/jpeg_picture.h"
#include "support/ring_options.h"
#include "support/temporary_root.h"

namespace camstream {
namespace {

class JpegPathTest : public testing::Test {
 protected:
  void SetUp() override {
    RingHostOptions options = small_ring(root_.path(), "camera");
    options.layout = decoded_jpeg_layout(64, 48);
    options.queue = jpeg_picture_slots();
    pictures_ = std::move(*RingHost::open(options));
    options.name = "camera-jpeg";
    options.layout = compressed_layout(fourcc('M', 'J', 'P', 'G'), 64, 48, 20'000 + kHuffmanTableBytes);
    options.queue = jpeg_track_slots() + 1;
    track_ = std::move(*RingHost::open(options));
    path_.emplace(*pictures_, *track_, decoders_, counters_);
    ASSERT_TRUE(path_->start());
    seen_pictures_ = pictures_->add_local_reader();
    seen_track_ = track_->add_local_reader();
  }

  // As the capture thread does it.
  void give(const Bytes& jpeg, uint32_t flags = 0, uint32_t dropped_before = 0) {
    const auto slot = track_->begin();
    ASSERT_TRUE(slot);
    std::copy(jpeg.begin(), jpeg.end(), track_->payload(*slot));
    FrameMeta meta;
    meta.bytes_used = static_cast<uint32_t>(jpeg.size());
    meta.source_sequence = ++given_;
    meta.flags = flags;
    meta.dropped_before = dropped_before;
    ASSERT_TRUE(path_->give(*slot, meta));
  }

  // Until a picture was published. False: there is none.
  bool publish() {
    return eventually([&] {
      const auto published = path_->publish();
      if (published && *published) return true;
      pollfd ready{path_->ready(), POLLIN, 0};
      poll(&ready, 1, 10);
      return false;
    });
  }
  // Until that many were dropped; none is published.
  bool drop(uint64_t corrupt) {
    return eventually([&] {
      EXPECT_FALSE(*path_->publish());
      return counters_.corrupt == corrupt;
    });
  }
  static std::vector<FrameView> frames_of(RingHost::LocalReader& reader) {
    std::vector<FrameView> frames;
    uint64_t after = 0;
    while (const auto frame = reader.reader().next(after, false)) {
      frames.push_back(*frame);
      after = frame->meta.sequence;
    }
    return frames;
  }
  std::vector<FrameView> pictures() { return frames_of(*seen_pictures_); }
  std::vector<FrameView> track() { return frames_of(*seen_track_); }
  Bytes bytes_of(const FrameView& frame) {
    const uint8_t* begin = track_->payload(frame.slot);
    return {begin, begin + frame.meta.bytes_used};
  }

  TemporaryRoot root_;
  SourceCounters counters_;
  DecoderChoice decoders_{{}};
  std::unique_ptr<RingHost> pictures_, track_;
  std::optional<JpegPath> path_;
  std::unique_ptr<RingHost::LocalReader> seen_pictures_, seen_track_;
  uint32_t given_ = 0;
};

Bytes damaged() {
  Bytes jpeg = make_jpeg({.quality = 95});
  const auto scan = static_cast<ptrdiff_t>(find_segment(jpeg, kSos));
  jpeg.erase(jpeg.begin() + scan + 40, jpeg.begin() + scan + 140);
  return jpeg;
}

Bytes cut_off() {
  Bytes jpeg = make_jpeg();
  jpeg.resize(jpeg.size() / 2);
  return jpeg;
}

TEST_F(JpegPathTest, APictureIsInBothRingsUnderTheSameNumberOfTheCamera) {
  const Bytes jpeg = make_jpeg();
  give(jpeg);
  ASSERT_TRUE(publish());
  ASSERT_EQ(pictures().size(), 1u);
  ASSERT_EQ(track().size(), 1u);
  EXPECT_EQ(pictures()[0].meta.source_sequence, 1u);
  EXPECT_EQ(track()[0].meta.source_sequence, 1u);
  EXPECT_EQ(bytes_of(track()[0]), jpeg);
  EXPECT_EQ(pictures()[0].meta.bytes_used, 64u * 48 * 3 / 2);
  const uint8_t* luma = pictures_->payload(pictures()[0].slot);
  EXPECT_NEAR(luma[63 + 64 * 20], painted({}).y[63 + 64 * 20], 6);
}

TEST_F(JpegPathTest, TheTrackHasTheTablesAndNotTheDriversPadding) {
  Bytes jpeg = without_segments(make_jpeg(), kDht);
  jpeg.insert(jpeg.end(), 500, uint8_t{0});
  give(jpeg);
  ASSERT_TRUE(publish());
  const Bytes kept = bytes_of(track()[0]);
  EXPECT_EQ(kept.size(), jpeg.size() - 500 + kHuffmanTableBytes);
  EXPECT_TRUE(inspect_jpeg(kept.data(), kept.size()).has_huffman_tables);
}

TEST_F(JpegPathTest, ManyPicturesComeOutInTheirOrder) {
  for (int shade = 0; shade < 40; ++shade) {
    give(make_jpeg({.shade = shade}));
    ASSERT_TRUE(publish());
  }
  const auto seen = pictures();
  ASSERT_GE(seen.size(), 2u);
  for (size_t index = 1; index < seen.size(); ++index) {
    EXPECT_EQ(seen[index].meta.source_sequence, seen[index - 1].meta.source_sequence + 1);
  }
  EXPECT_EQ(seen.back().meta.source_sequence, 40u);
  EXPECT_EQ(counters_.dropped, 0u);
}

TEST_F(JpegPathTest, WhatIsDamagedIsInNeitherRingAndTheNextPictureSaysSo) {
  give(make_jpeg());
  ASSERT_TRUE(publish());
  give(damaged());
  ASSERT_TRUE(drop(1));
  give(cut_off(), 0, 3);
  ASSERT_TRUE(drop(2));
  EXPECT_EQ(path_->damage(), "it is cut off");
  give(make_jpeg({.width = 96, .height = 96}));
  ASSERT_TRUE(drop(3));
  EXPECT_EQ(path_->damage(), "it is 96x96 and not 64x48");
  give(make_jpeg(), kFrameCorrupt);
  ASSERT_TRUE(drop(4));
  give(Bytes(5000, 0xff));
  ASSERT_TRUE(drop(5));
  give(make_jpeg());
  ASSERT_TRUE(publish());
  for (const auto& seen : {pictures(), track()}) {
    ASSERT_EQ(seen.size(), 2u);
    EXPECT_EQ(seen[1].meta.source_sequence, 7u);
    EXPECT_EQ(seen[1].meta.dropped_before, 5u + 3u);
    EXPECT_EQ(seen[1].meta.flags, 0u);
  }
  EXPECT_EQ(counters_.corrupt, 5u);
  EXPECT_EQ(counters_.dropped, 5u);
}

TEST_F(JpegPathTest, ADiscontinuityIsToldByTheFirstPictureThatIsShown) {
  give(cut_off(), kFrameDiscontinuity);
  ASSERT_TRUE(drop(1));
  give(damaged());
  ASSERT_TRUE(drop(2));
  give(make_jpeg());
  ASSERT_TRUE(publish());
  give(make_jpeg());
  ASSERT_TRUE(publish());
  EXPECT_EQ(pictures()[0].meta.flags, kFrameDiscontinuity);
  EXPECT_EQ(pictures()[1].meta.flags, 0u);
}

TEST_F(JpegPathTest, OfPicturesThatComeTooFastTheNewestIsDecoded) {
  const uint32_t many = decode_threads() + 5;
  for (uint32_t shade = 0; shade < many; ++shade) give(make_jpeg({.shade = static_cast<int>(shade)}));
  uint32_t published = 0;
  while (counters_.dropped + published < many) {
    ASSERT_TRUE(publish());
    ++published;
  }
  const auto seen = pictures();
  EXPECT_EQ(published, decode_threads() + 1);
  EXPECT_EQ(seen.back().meta.source_sequence, many);
  EXPECT_EQ(seen.back().meta.dropped_before, 4u);
  EXPECT_EQ(counters_.corrupt, 0u);
}

// ffmpeg that ends after three pictures, which is what the probe wants of it.
TEST_F(JpegPathTest, AProgramThatDiesAtWorkIsReplacedWithoutALoss) {
  const std::string script =
      "exec ffmpeg -nostdin -v error -probesize 32 -fpsprobesize 0 -threads 1 -f nut -i "
      "pipe:0 -fps_mode passthrough -vf scale=in_range=full:out_range=full:flags=area,format=yuv420p "
      "-frames:v 3 -threads 1 -flush_packets 1 -f rawvideo pipe:1";
  decoders_ = DecoderChoice({{"stand-in", {"sh", "-c", script}, DecoderProgram::Framing::kNut}});
  path_.emplace(*pictures_, *track_, decoders_, counters_);
  ASSERT_TRUE(path_->start());
  EXPECT_EQ(decoders_.description(), "stand-in");
  for (int shade = 0; shade < 8; ++shade) {
    give(make_jpeg({.shade = shade}));
    ASSERT_TRUE(publish());
  }
  EXPECT_EQ(decoders_.description().find("libturbojpeg (not by stand-in: "), 0u) << decoders_.description();
  EXPECT_EQ(pictures().back().meta.source_sequence, 8u);
  EXPECT_EQ(counters_.dropped, 0u);
}

TEST_F(JpegPathTest, AtItsEndEverySlotIsBack) {
  for (uint32_t round = 0; round < 50; ++round) {
    for (uint32_t picture = 0; picture < decode_threads() + 2; ++picture) give(make_jpeg());
    path_.emplace(*pictures_, *track_, decoders_, counters_);
    ASSERT_TRUE(path_->start());
  }
  give(make_jpeg());
  EXPECT_TRUE(publish());
  EXPECT_EQ(pictures().size(), 1u);
}

}  // namespace
}  // namespace camstream
