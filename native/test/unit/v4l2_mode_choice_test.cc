// The choice among a camera's modes.
#include "capture/v4l2_mode_choice.h"

#include <gtest/gtest.h>
#include <linux/videodev2.h>

namespace camstream {
namespace {

V4l2Mode mode(uint32_t code, uint32_t width, uint32_t height, uint32_t rate) {
  const bool compressed = code == V4L2_PIX_FMT_H264 || code == V4L2_PIX_FMT_HEVC;
  return {code, coding_of(code, compressed).coding, width, height, {rate, 1}};
}
constexpr uint32_t kYuyv = V4L2_PIX_FMT_YUYV;
constexpr uint32_t kNv12 = V4L2_PIX_FMT_NV12;
constexpr uint32_t kMjpeg = V4L2_PIX_FMT_MJPEG;

// A webcam as many are: large pictures raw only at a crawl.
const std::vector<V4l2Mode> kRawWebcam{mode(kYuyv, 640, 480, 30),   mode(kYuyv, 640, 480, 15),
                                       mode(kYuyv, 1280, 720, 10),  mode(kYuyv, 1920, 1080, 5),
                                       mode(kNv12, 640, 480, 30),   mode(kNv12, 800, 600, 24)};
// And as most are: what raw does not reach, JPEG does; some give H.264 too.
std::vector<V4l2Mode> usual_webcam() {
  std::vector<V4l2Mode> modes = kRawWebcam;
  for (const auto& [width, height] : {std::pair(640u, 480u), {1280u, 720u}, {1920u, 1080u}}) {
    modes.push_back(mode(kMjpeg, width, height, 30));
    modes.push_back(mode(kMjpeg, width, height, 60));
    modes.push_back(mode(V4L2_PIX_FMT_H264, width, height, 60));
  }
  return modes;
}

void expect(const std::vector<V4l2Mode>& modes, const ModeWish& wish, const ModeNeeds& needs,
            const char* wanted) {
  const auto choice = choose_mode(modes, wish, needs);
  ASSERT_TRUE(choice) << wanted;
  EXPECT_EQ(text_of(choice->mode), wanted);
}

TEST(ChooseMode, PrefersAPictureThatMovesToALargeOne) {
  expect(kRawWebcam, {}, {}, "800x600 nv12 at 24/s");
}

TEST(ChooseMode, GrantsWhatIsAskedFor) {
  expect(kRawWebcam, {.width = 1920, .height = 1080}, {}, "1920x1080 yuyv at 5/s");
  expect(kRawWebcam, {.width = 640, .height = 480, .rate = {15, 1}}, {}, "640x480 yuyv at 15/s");
  expect(kRawWebcam, {.width = 640, .height = 480, .format = "nv12"}, {}, "640x480 nv12 at 30/s");
  expect(kRawWebcam, {.width = 640, .height = 480}, {}, "640x480 yuyv at 30/s");
  expect(usual_webcam(), {.format = "mjpeg"}, {}, "1920x1080 mjpeg at 30/s");
  expect(usual_webcam(), {.width = 640, .height = 480, .format = "MJPG"}, {}, "640x480 mjpeg at 30/s");
}

TEST(ChooseMode, FindsNothingWhereAWishCannotBeGranted) {
  EXPECT_FALSE(choose_mode(kRawWebcam, {.width = 641, .height = 480}));
  EXPECT_FALSE(choose_mode(kRawWebcam, {.width = 640, .height = 480, .rate = {60, 1}}));
  EXPECT_FALSE(choose_mode(kRawWebcam, {.format = "gray8"}));
  EXPECT_FALSE(choose_mode(kRawWebcam, {.format = "mjpeg"}));
}

TEST(ChooseMode, TakesRawWhereRawReachesWhatTheStreamsNeed) {
  const ModeNeeds small{640, 480, {30, 1}};
  expect(usual_webcam(), {}, small, "640x480 yuyv at 30/s");
  EXPECT_EQ(choose_mode(usual_webcam(), {}, small)->reason, "raw pictures reach 640x480 at 30/s");
  expect(usual_webcam(), {}, {640, 480, {15, 1}}, "640x480 yuyv at 30/s");
  expect(usual_webcam(), {}, {1280, 720, {10, 1}}, "1280x720 yuyv at 10/s");
}

TEST(ChooseMode, TakesJpegWhereOnlyThatReachesIt) {
  const ModeNeeds large{1920, 1080, {60, 1}};
  expect(usual_webcam(), {}, large, "1920x1080 mjpeg at 60/s");
  EXPECT_EQ(choose_mode(usual_webcam(), {}, large)->reason,
            "raw pictures reach 800x600 nv12 at 24/s at best");
  EXPECT_EQ(choose_mode(usual_webcam(), {}, large)->shortfall, "");
  expect(usual_webcam(), {}, {640, 480, {60, 1}}, "640x480 mjpeg at 60/s");
}

TEST(ChooseMode, DecodesNoMoreThanIsNeeded) {
  expect(usual_webcam(), {}, {1280, 720, {30, 1}}, "1280x720 mjpeg at 30/s");
  expect(usual_webcam(), {}, {}, "1920x1080 mjpeg at 30/s");
}

TEST(ChooseMode, TakesTheNearestAndSaysWhatIsMissing) {
  const ModeNeeds much{3840, 2160, {120, 1}};
  expect(usual_webcam(), {}, much, "1920x1080 mjpeg at 60/s");
  EXPECT_EQ(choose_mode(usual_webcam(), {}, much)->shortfall, "3840x2160 at 120/s");
  EXPECT_EQ(choose_mode(kRawWebcam, {}, {640, 480, {60, 1}})->shortfall, "60/s");
  EXPECT_EQ(choose_mode(kRawWebcam, {}, {1280, 720, {24, 1}})->shortfall, "1280x720");
  // Who asks for less than the streams need knows what they do.
  EXPECT_EQ(choose_mode(kRawWebcam, {.width = 640, .height = 480}, {1280, 720, {30, 1}})->shortfall, "");
  // Nobody said what is needed: nothing is missing.
  EXPECT_EQ(choose_mode(kRawWebcam, {}, {})->shortfall, "");
}

TEST(ChooseMode, CountsTelevisionsRatesAsWhole) {
  const std::vector<V4l2Mode> camera{{kYuyv, Coding::kConvertible, 1280, 720, {30000, 1001}},
                                     mode(kMjpeg, 1280, 720, 30)};
  const auto choice = choose_mode(camera, {}, {1280, 720, {30, 1}});
  EXPECT_EQ(choice->mode.fourcc, kYuyv);
  EXPECT_EQ(choice->shortfall, "");
}

TEST(ChooseMode, StaysWithin1080p60UnlessAskedForMore) {
  const std::vector<V4l2Mode> big{mode(kNv12, 3840, 2160, 60), mode(kNv12, 1920, 1080, 120),
                                  mode(kNv12, 1920, 1080, 60)};
  expect(big, {}, {}, "1920x1080 nv12 at 60/s");
  expect({big[0], big[1]}, {}, {}, "1920x1080 nv12 at 120/s");
  expect({big[0]}, {}, {}, "3840x2160 nv12 at 60/s");
  expect(big, {}, {1920, 1080, {90, 1}}, "1920x1080 nv12 at 120/s");
  expect(big, {}, {2560, 1440, {30, 1}}, "3840x2160 nv12 at 60/s");
}

TEST(ChooseMode, PassesARawFormatOnOnlyIfNothingElseIsGranted) {
  const std::vector<V4l2Mode> camera{mode(V4L2_PIX_FMT_SBGGR8, 1920, 1080, 60), mode(kYuyv, 320, 240, 5)};
  expect(camera, {}, {1920, 1080, {60, 1}}, "320x240 yuyv at 5/s");
  expect(camera, {.format = "BA81"}, {}, "1920x1080 BA81 at 60/s");
  expect({camera[0]}, {}, {}, "1920x1080 BA81 at 60/s");
}

TEST(ChooseMode, TakesH264OnlyIfItIsAskedForByName) {
  const std::vector<V4l2Mode> camera{mode(V4L2_PIX_FMT_H264, 1920, 1080, 30),
                                     mode(V4L2_PIX_FMT_HEVC, 1920, 1080, 30)};
  EXPECT_FALSE(choose_mode(camera, {}));
  EXPECT_FALSE(choose_mode(camera, {.format = "HEVC"}));
  expect(camera, {.format = "h264"}, {}, "1920x1080 h264 at 30/s");
}

TEST(ChooseMode, TakesPlanesInSeveralPiecesOfMemoryForTheSameFormat) {
  const std::vector<V4l2Mode> camera{mode(V4L2_PIX_FMT_NV12M, 640, 480, 30)};
  expect(camera, {.format = "nv12"}, {}, "640x480 nv12 at 30/s");
  expect(camera, {.format = "NM12"}, {}, "640x480 nv12 at 30/s");
}

TEST(ChooseMode, TakesAnotherModeWhereTheFirstGaveNothing) {
  const V4l2Mode tried = mode(kYuyv, 640, 480, 30);
  const ModeNeeds needs{640, 480, {30, 1}};
  auto other = choose_other_mode(usual_webcam(), {}, needs, tried);
  ASSERT_TRUE(other);
  EXPECT_EQ(text_of(other->mode), "640x480 nv12 at 30/s");
  const ModeWish fixed{640, 480, {}, "yuyv"};
  other = choose_other_mode(usual_webcam(), fixed, needs, tried);
  ASSERT_TRUE(other) << "the configuration leaves no other";
  EXPECT_EQ(text_of(other->mode), "640x480 yuyv at 30/s");
}

TEST(ModesText, NamesEachSizeOnceWithItsFastestRate) {
  const std::string text = text_of(usual_webcam());
  EXPECT_NE(text.find("640x480 yuyv up to 30/s, 1280x720 yuyv up to 10/s"), std::string::npos) << text;
  EXPECT_NE(text.find("640x480 mjpeg up to 60/s"), std::string::npos) << text;
}

}  // namespace
}  // namespace camstream
