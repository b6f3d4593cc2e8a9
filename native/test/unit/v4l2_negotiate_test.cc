// What a driver's pixel format means for the ring, and the choice among a camera's modes.
#include "capture/v4l2_negotiate.h"

#include <gtest/gtest.h>

#include "capture/v4l2_colour.h"

namespace camstream {
namespace {

v4l2_pix_format format_of(uint32_t code, uint32_t width, uint32_t height, uint32_t line, uint32_t size) {
  v4l2_pix_format format{};
  format.pixelformat = code;
  format.width = width;
  format.height = height;
  format.bytesperline = line;
  format.sizeimage = size;
  format.colorspace = V4L2_COLORSPACE_SRGB;
  format.priv = V4L2_PIX_FMT_PRIV_MAGIC;
  return format;
}

TEST(Agreement, KeepsTheDriversStrideInEveryPlane) {
  const auto nv12 = agreement_of(format_of(V4L2_PIX_FMT_NV12, 100, 50, 128, 128 * 75));
  ASSERT_TRUE(nv12);
  EXPECT_EQ(nv12->layout.planes[0].stride, 128u);
  EXPECT_EQ(nv12->layout.planes[1].stride, 128u);
  EXPECT_EQ(nv12->layout.planes[1].offset, 128u * 50);
  const auto i420 = agreement_of(format_of(V4L2_PIX_FMT_YUV420, 100, 50, 128, 128 * 75));
  ASSERT_TRUE(i420);
  EXPECT_EQ(i420->layout.planes[1].stride, 64u);
  EXPECT_EQ(i420->layout.planes[2].offset, 128u * 50 + 64u * 25);
}

TEST(Agreement, ReservesTheDriversBufferAndAsksForThePictureOnly) {
  const auto agreement = agreement_of(format_of(V4L2_PIX_FMT_YUYV, 100, 50, 256, 256 * 50 + 4096));
  ASSERT_TRUE(agreement);
  EXPECT_EQ(agreement->layout.payload_size, 256u * 50 + 4096);
  EXPECT_EQ(agreement->picture_bytes, 256u * 49 + 200);  // the padding of the last row may be missing
}

TEST(Agreement, SurvivesADriverThatLeavesTheStrideOut) {
  const auto agreement = agreement_of(format_of(V4L2_PIX_FMT_RGB24, 100, 50, 0, 0));
  ASSERT_TRUE(agreement);
  EXPECT_EQ(agreement->layout.planes[0].stride, 300u);
  EXPECT_EQ(agreement->layout.payload_size, 15000u);
}

TEST(Agreement, KnowsNoCompressedFormat) {
  EXPECT_FALSE(agreement_of(format_of(V4L2_PIX_FMT_MJPEG, 640, 480, 0, 100000)));
}

TEST(Colour, DefaultsAreThoseOfTheColorspace) {
  v4l2_pix_format format = format_of(V4L2_PIX_FMT_YUYV, 2, 2, 4, 8);
  EXPECT_EQ(colour_of(format).matrix, Matrix::kBt601);
  EXPECT_EQ(colour_of(format).primaries, Primaries::kBt709);
  EXPECT_EQ(colour_of(format).range, Range::kLimited);
  format.colorspace = V4L2_COLORSPACE_REC709;
  EXPECT_EQ(colour_of(format).matrix, Matrix::kBt709);
  format.colorspace = V4L2_COLORSPACE_SMPTE170M;
  EXPECT_EQ(colour_of(format).primaries, Primaries::kSmpte170m);
  format.colorspace = V4L2_COLORSPACE_JPEG;
  EXPECT_EQ(colour_of(format).range, Range::kFull);
  format.colorspace = V4L2_COLORSPACE_BT2020;
  EXPECT_EQ(colour_of(format).matrix, Matrix::kBt2020);
}

TEST(Colour, WhatADriverSaysGoesBeforeDefaults) {
  v4l2_pix_format format = format_of(V4L2_PIX_FMT_NV12, 2, 2, 2, 6);
  format.ycbcr_enc = V4L2_YCBCR_ENC_709;
  format.quantization = V4L2_QUANTIZATION_FULL_RANGE;
  EXPECT_EQ(colour_of(format).matrix, Matrix::kBt709);
  EXPECT_EQ(colour_of(format).range, Range::kFull);
  format.priv = 0;  // an old driver: what stands there means nothing
  EXPECT_EQ(colour_of(format).matrix, Matrix::kBt601);
  EXPECT_EQ(colour_of(format).range, Range::kLimited);
}

TEST(Colour, RgbAndGreyAreFullRange) {
  EXPECT_EQ(colour_of(format_of(V4L2_PIX_FMT_BGR24, 2, 2, 6, 12)).matrix, Matrix::kRgb);
  EXPECT_EQ(colour_of(format_of(V4L2_PIX_FMT_BGR24, 2, 2, 6, 12)).range, Range::kFull);
  v4l2_pix_format grey = format_of(V4L2_PIX_FMT_GREY, 2, 2, 2, 4);
  EXPECT_EQ(colour_of(grey).range, Range::kFull);
  grey.quantization = V4L2_QUANTIZATION_LIM_RANGE;
  EXPECT_EQ(colour_of(grey).range, Range::kLimited);
}

constexpr V4l2Mode mode(PixelFormat format, uint32_t width, uint32_t height, uint32_t rate) {
  return {format, width, height, {rate, 1}};
}

// A webcam as many are: large pictures raw only at a crawl.
const std::vector<V4l2Mode> kWebcam{
    mode(PixelFormat::kYuyv, 640, 480, 30),  mode(PixelFormat::kYuyv, 640, 480, 15),
    mode(PixelFormat::kYuyv, 1280, 720, 10), mode(PixelFormat::kYuyv, 1920, 1080, 5),
    mode(PixelFormat::kNv12, 640, 480, 30),  mode(PixelFormat::kNv12, 800, 600, 24),
};

void expect_choice(const ModeWish& wish, const V4l2Mode& wanted) {
  const auto chosen = choose_mode(kWebcam, wish);
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->format, wanted.format);
  EXPECT_EQ(chosen->width, wanted.width);
  EXPECT_EQ(chosen->rate.hertz(), wanted.rate.hertz());
}

TEST(ChooseMode, PrefersAPictureThatMovesToALargeOne) {
  expect_choice({}, mode(PixelFormat::kNv12, 800, 600, 24));
}

TEST(ChooseMode, GrantsWhatIsAskedFor) {
  expect_choice({.width = 1920, .height = 1080, .rate = {}, .format = {}},
                mode(PixelFormat::kYuyv, 1920, 1080, 5));
  expect_choice({.width = 640, .height = 480, .rate = {15, 1}, .format = {}},
                mode(PixelFormat::kYuyv, 640, 480, 15));
  expect_choice({.width = 640, .height = 480, .rate = {}, .format = PixelFormat::kNv12},
                mode(PixelFormat::kNv12, 640, 480, 30));
  expect_choice({.width = 640, .height = 480, .rate = {}, .format = {}},
                mode(PixelFormat::kYuyv, 640, 480, 30));
}

TEST(ChooseMode, FindsNothingWhereAWishCannotBeGranted) {
  EXPECT_FALSE(choose_mode(kWebcam, {.width = 641, .height = 480, .rate = {}, .format = {}}));
  EXPECT_FALSE(choose_mode(kWebcam, {.width = 640, .height = 480, .rate = {60, 1}, .format = {}}));
  EXPECT_FALSE(choose_mode(kWebcam, {.width = 0, .height = 0, .rate = {}, .format = PixelFormat::kGray8}));
}

TEST(ChooseMode, StaysWithin1080p60UnlessAskedForMore) {
  const std::vector<V4l2Mode> big{mode(PixelFormat::kNv12, 3840, 2160, 60),
                                  mode(PixelFormat::kNv12, 1920, 1080, 120),
                                  mode(PixelFormat::kNv12, 1920, 1080, 60)};
  EXPECT_EQ(choose_mode(big, {})->width, 1920u);
  EXPECT_EQ(choose_mode(big, {})->rate.hertz(), 60);
  EXPECT_EQ(choose_mode({big[0], big[1]}, {})->rate.hertz(), 120);
  EXPECT_EQ(choose_mode({big[0]}, {})->width, 3840u);
}

TEST(OfferText, NamesEachSizeOnceWithItsFastestRate) {
  const std::string text = text_of(V4l2Offer{kWebcam, "MJPG"});
  EXPECT_NE(text.find("640x480 yuyv up to 30/s, 1280x720 yuyv up to 10/s"), std::string::npos) << text;
  EXPECT_NE(text.find("also MJPG"), std::string::npos) << text;
}

}  // namespace
}  // namespace camstream
