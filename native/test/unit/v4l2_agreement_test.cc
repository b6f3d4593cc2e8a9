// What a driver's format means for the ring: planes, memory, colours.
#include "capture/v4l2_agreement.h"

#include <gtest/gtest.h>

#include "capture/v4l2_colour.h"

namespace camstream {
namespace {

DriverFormat single(uint32_t code, uint32_t width, uint32_t height, uint32_t line, uint32_t size) {
  v4l2_pix_format format{};
  format.pixelformat = code;
  format.width = width;
  format.height = height;
  format.bytesperline = line;
  format.sizeimage = size;
  format.colorspace = V4L2_COLORSPACE_SRGB;
  format.priv = V4L2_PIX_FMT_PRIV_MAGIC;
  return driver_format(format);
}

DriverFormat multiple(uint32_t code, uint32_t width, uint32_t height,
                      std::initializer_list<DriverFormat::Memory> memory) {
  v4l2_pix_format_mplane format{};
  format.pixelformat = code;
  format.width = width;
  format.height = height;
  format.colorspace = V4L2_COLORSPACE_REC709;
  for (const auto& piece : memory) {
    v4l2_plane_pix_format& plane = format.plane_fmt[format.num_planes++];
    plane.bytesperline = piece.bytes_per_line;
    plane.sizeimage = piece.size;
  }
  return driver_format(format);
}

TEST(RawAgreement, KeepsTheDriversStrideInEveryPlane) {
  const Agreement nv12 = raw_agreement(single(V4L2_PIX_FMT_NV12, 100, 50, 128, 128 * 75));
  EXPECT_EQ(nv12.layout.planes[0].stride, 128u);
  EXPECT_EQ(nv12.layout.planes[1].stride, 128u);
  EXPECT_EQ(nv12.layout.planes[1].offset, 128u * 50);
  const Agreement i420 = raw_agreement(single(V4L2_PIX_FMT_YUV420, 100, 50, 128, 128 * 75));
  EXPECT_EQ(i420.layout.planes[1].stride, 64u);
  EXPECT_EQ(i420.layout.planes[2].offset, 128u * 50 + 64u * 25);
}

TEST(RawAgreement, ReservesTheDriversBufferAndAsksForThePictureOnly) {
  const Agreement agreement = raw_agreement(single(V4L2_PIX_FMT_YUYV, 100, 50, 256, 256 * 50 + 4096));
  EXPECT_EQ(agreement.layout.payload_size, 256u * 50 + 4096);
  ASSERT_EQ(agreement.memory.size(), 1u);
  EXPECT_EQ(agreement.memory[0].size, 256u * 50 + 4096);
  EXPECT_EQ(agreement.memory[0].needed, 256u * 49 + 200);  // the padding of the last row may be missing
}

TEST(RawAgreement, SurvivesADriverThatLeavesTheStrideOut) {
  const Agreement agreement = raw_agreement(single(V4L2_PIX_FMT_RGB24, 100, 50, 0, 0));
  EXPECT_EQ(agreement.layout.planes[0].stride, 300u);
  EXPECT_EQ(agreement.layout.payload_size, 15000u);
  EXPECT_EQ(agreement.memory[0].size, 15000u);
}

TEST(RawAgreement, PutsEachPieceOfMemoryAtAPageOfTheSlot) {
  const Agreement nm12 =
      raw_agreement(multiple(V4L2_PIX_FMT_NV12M, 100, 50, {{128, 128 * 50 + 64}, {192, 192 * 25}}));
  EXPECT_EQ(nm12.layout.fourcc, fourcc('N', 'V', '1', '2'));
  EXPECT_EQ(nm12.layout.planes[0], (PlaneLayout{0, 128, 50}));
  EXPECT_EQ(nm12.layout.planes[1], (PlaneLayout{8192, 192, 25}));
  ASSERT_EQ(nm12.memory.size(), 2u);
  EXPECT_EQ(nm12.memory[0].size, 128u * 50 + 64);
  EXPECT_EQ(nm12.memory[0].needed, 128u * 49 + 100);
  EXPECT_EQ(nm12.memory[1].offset, 8192u);
  EXPECT_EQ(nm12.memory[1].needed, 192u * 24 + 100);
  EXPECT_EQ(nm12.layout.payload_size, 8192u + 192 * 25);
  EXPECT_EQ(nm12.layout.matrix, Matrix::kBt709);

  const Agreement ym12 = raw_agreement(
      multiple(V4L2_PIX_FMT_YUV420M, 100, 50, {{128, 128 * 50}, {64, 64 * 25}, {64, 64 * 25}}));
  EXPECT_EQ(ym12.layout.fourcc, fourcc('Y', 'U', '1', '2'));
  EXPECT_EQ(ym12.layout.planes[2], (PlaneLayout{8192 + 4096, 64, 25}));
}

TEST(RawAgreement, TakesOnePieceThroughTheMultiPlanarInterfaceAsThroughTheOther) {
  const Agreement nv12 = raw_agreement(multiple(V4L2_PIX_FMT_NV12, 100, 50, {{128, 128 * 75}}));
  EXPECT_EQ(nv12.layout.planes[1], (PlaneLayout{128 * 50, 128, 25}));
  EXPECT_EQ(nv12.memory.size(), 1u);
}

TEST(RawAgreement, PassesOnWhatIsNoneOfOursOnePlaneForEachPiece) {
  const Agreement nv16 =
      raw_agreement(multiple(V4L2_PIX_FMT_NV16M, 100, 50, {{128, 128 * 50}, {128, 128 * 50}}));
  EXPECT_EQ(nv16.layout.fourcc, V4L2_PIX_FMT_NV16M);
  EXPECT_EQ(nv16.layout.plane_count, 2u);
  EXPECT_EQ(nv16.layout.planes[1], (PlaneLayout{8192, 128, 50}));
  const Agreement bayer = raw_agreement(single(V4L2_PIX_FMT_SBGGR10, 100, 50, 256, 256 * 50 + 512));
  EXPECT_EQ(bayer.layout.fourcc, V4L2_PIX_FMT_SBGGR10);
  EXPECT_EQ(bayer.layout.planes[0], (PlaneLayout{0, 256, 52}));
  EXPECT_EQ(bayer.memory[0].needed, 256u * 50);
}

TEST(RawAgreement, ALayoutFitsItsSlotHoweverWrongTheDriversSizesAre) {
  for (const uint32_t size : {0u, 1u, 4096u}) {
    const Agreement given = raw_agreement(multiple(V4L2_PIX_FMT_NV12M, 100, 50, {{128, size}, {1, size}}));
    for (uint32_t index = 0; index < given.layout.plane_count; ++index) {
      const PlaneLayout& plane = given.layout.planes[index];
      EXPECT_LE(plane.offset + uint64_t{plane.stride} * plane.rows, given.layout.payload_size);
      EXPECT_LE(given.memory[index].needed, given.memory[index].size);
    }
  }
}

TEST(CompressedAgreement, JpegIsDecodedIntoTheRingAndKeptInATrackWithRoomForItsTables) {
  const Agreement jpeg =
      compressed_agreement(single(V4L2_PIX_FMT_JPEG, 640, 480, 0, 300000), Coding::kJpeg);
  EXPECT_EQ(jpeg.layout.fourcc, fourcc('Y', 'U', '1', '2'));
  EXPECT_EQ(jpeg.layout.range, Range::kFull);
  EXPECT_EQ(jpeg.layout.matrix, Matrix::kBt601);
  EXPECT_EQ(jpeg.coding(), Coding::kJpeg);
  EXPECT_EQ(jpeg.memory[0].size, 300000u);
  ASSERT_TRUE(jpeg.track);
  EXPECT_EQ(jpeg.track->fourcc, fourcc('M', 'J', 'P', 'G'));
  EXPECT_EQ(jpeg.track->payload_size, 300000u + 420);
  EXPECT_EQ(jpeg.track->planes[0], (PlaneLayout{0, 0, 0}));
}

TEST(CompressedAgreement, HasRoomForTheLargestPictureThatADriverDoesNotTell) {
  const Agreement jpeg = compressed_agreement(single(V4L2_PIX_FMT_MJPEG, 640, 480, 0, 0), Coding::kJpeg);
  EXPECT_EQ(jpeg.memory[0].size, 640u * 480 * 2);
}

TEST(CompressedAgreement, H264IsWhatTheRingItselfHolds) {
  const Agreement h264 = compressed_agreement(single(V4L2_PIX_FMT_H264, 640, 480, 0, 0), Coding::kH264);
  EXPECT_EQ(h264.layout.fourcc, fourcc('H', '2', '6', '4'));
  EXPECT_FALSE(h264.track);
}

TEST(Colour, DefaultsAreThoseOfTheColorspace) {
  DriverFormat format = single(V4L2_PIX_FMT_YUYV, 2, 2, 4, 8);
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
  v4l2_pix_format format{};
  format.pixelformat = V4L2_PIX_FMT_NV12;
  format.colorspace = V4L2_COLORSPACE_SRGB;
  format.ycbcr_enc = V4L2_YCBCR_ENC_709;
  format.quantization = V4L2_QUANTIZATION_FULL_RANGE;
  format.priv = V4L2_PIX_FMT_PRIV_MAGIC;
  EXPECT_EQ(colour_of(driver_format(format)).matrix, Matrix::kBt709);
  EXPECT_EQ(colour_of(driver_format(format)).range, Range::kFull);
  format.priv = 0;  // an old driver: what stands there means nothing
  EXPECT_EQ(colour_of(driver_format(format)).matrix, Matrix::kBt601);
  EXPECT_EQ(colour_of(driver_format(format)).range, Range::kLimited);
}

TEST(Colour, RgbAndGreyAreFullRange) {
  EXPECT_EQ(colour_of(single(V4L2_PIX_FMT_BGR24, 2, 2, 6, 12)).matrix, Matrix::kRgb);
  EXPECT_EQ(colour_of(single(V4L2_PIX_FMT_BGR24, 2, 2, 6, 12)).range, Range::kFull);
  DriverFormat grey = single(V4L2_PIX_FMT_GREY, 2, 2, 2, 4);
  EXPECT_EQ(colour_of(grey).range, Range::kFull);
  grey.quantization = V4L2_QUANTIZATION_LIM_RANGE;
  EXPECT_EQ(colour_of(grey).range, Range::kLimited);
}

}  // namespace
}  // namespace camstream
