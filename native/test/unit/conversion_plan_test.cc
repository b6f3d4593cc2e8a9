// Every format into every format, at every kind of size, with and without geometry on the way: right
// colours, right places, and not one byte read or written outside.
#include "pixels/conversion_plan.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "support/colour_picture.h"
#include "support/guarded_buffer.h"

namespace camstream {
namespace {

using Guard = GuardedBuffer::Guard;

// libyuv calculates RGB to YUV with 7-bit, YUV to RGB with 6-bit coefficients.
constexpr int kTolerance = 2;

::testing::AssertionResult close(const Colour3& found, const Colour3& wanted, int tolerance) {
  for (size_t part = 0; part < 3; ++part) {
    if (std::abs(found[part] - wanted[part]) <= tolerance) continue;
    return ::testing::AssertionFailure() << "found " << found[0] << "," << found[1] << "," << found[2]
                                         << ", wanted " << wanted[0] << "," << wanted[1] << "," << wanted[2];
  }
  return ::testing::AssertionSuccess();
}

struct Converted {
  FrameLayout layout;
  std::vector<uint8_t> bytes;
  ConstView view() const { return view_of(bytes.data(), layout); }
};

Converted convert(const FrameLayout& from, const uint8_t* bytes, const ConversionOptions& options,
                  Guard guard) {
  const auto layout = converted_layout(from, options);
  if (!layout) {
    ADD_FAILURE() << layout.error().code << " " << layout.error().message;
    return {};
  }
  auto plan = ConversionPlan::make(from, *layout, options);
  if (!plan) {
    ADD_FAILURE() << plan.error().code;
    return {};
  }
  GuardedBuffer result(layout->payload_size, guard);
  std::fill_n(result.data(), result.size(), 0xcc);
  (*plan)->convert(bytes, result.data());
  return {*layout, {result.data(), result.data() + result.size()}};
}

// A picture in guarded memory, as large as its layout says.
class Picture {
 public:
  Picture(const FrameLayout& layout, Guard guard, const ColourAt& colour_at)
      : layout_(layout), bytes_(layout.payload_size, guard) {
    paint_picture(view_of(bytes_.data(), layout_), colour_at);
  }
  Converted convert(const ConversionOptions& options, Guard guard = Guard::kBehind) {
    return camstream::convert(layout_, bytes_.data(), options, guard);
  }
  const FrameLayout& layout() const { return layout_; }

 private:
  FrameLayout layout_;
  GuardedBuffer bytes_;
};

// Colours that exist in both worlds and are far apart; as RGB, and in BT.601 limited.
constexpr std::array<Colour3, 4> kRgb{{{191, 0, 0}, {0, 191, 0}, {0, 0, 191}, {191, 191, 0}}};
constexpr std::array<Colour3, 4> kYuv{{{65, 100, 212}, {112, 72, 58}, {35, 212, 114}, {162, 44, 142}}};

Colour3 test_colour(PixelFormat format, int n) {
  return is_rgb(format) ? kRgb[static_cast<size_t>(n)] : kYuv[static_cast<size_t>(n)];
}

TEST(ConversionPlan, KeepsAFlatColourInEveryPairOfFormatsAtEverySize) {
  struct Size {
    uint32_t width, height;
  };
  for (const auto& [from, from_name] : kFormatNames) {
    for (const auto& [to, to_name] : kFormatNames) {
      for (const Size size :
           {Size{1, 1}, {2, 2}, {1, 7}, {7, 1}, {3, 5}, {17, 13}, {33, 31}, {65, 35}, {130, 18}}) {
        for (const Guard guard : {Guard::kBehind, Guard::kBefore}) {
          Picture picture(packed_layout(from, size.width, size.height), guard,
                          [from = from](int, int) { return test_colour(from, 0); });
          const Converted result = picture.convert({.format = to}, guard);
          const Colour3 wanted = expected_colour(test_colour(from, 0), picture.layout(), result.layout);
          for (const int x : {0, static_cast<int>(size.width) - 1}) {
            for (const int y : {0, static_cast<int>(size.height) - 1}) {
              ASSERT_TRUE(close(colour_of(result.view(), x, y), wanted, kTolerance))
                  << from_name << " to " << to_name << " " << size.width << "x" << size.height << " at " << x
                  << "," << y;
            }
          }
        }
      }
    }
  }
}

TEST(ConversionPlan, KeepsAFlatColourThroughEveryGeometryAtRandomSizes) {
  std::mt19937 random(11);
  const auto number = [&](uint32_t least, uint32_t most) {
    return least + static_cast<uint32_t>(random() % (most - least + 1));
  };
  for (int round = 0; round < 1500; ++round) {
    const PixelFormat from = kFormatNames[random() % kFormatNames.size()].format;
    const PixelFormat to = kFormatNames[random() % kFormatNames.size()].format;
    const FrameLayout layout = packed_layout(from, number(1, 150), number(1, 90));
    ConversionOptions options{.format = to,
                              .width = number(1, 170),
                              .height = number(1, 120),
                              .fit = number(0, 1) ? Fit::kStretch : Fit::kCover,
                              .crop = std::nullopt,
                              .rotate = 90 * number(0, 3),
                              .mirror = number(0, 1) == 1};
    if (number(0, 2) == 0 && layout.width > 4 && layout.height > 4) {
      const uint32_t x = number(0, layout.width / 2) & ~1u, y = number(0, layout.height / 2) & ~1u;
      options.crop = Rect{x, y, number(1, layout.width - x), number(1, layout.height - y)};
    }
    const Guard guard = round % 2 == 0 ? Guard::kBehind : Guard::kBefore;
    Picture picture(layout, guard, [&](int, int) { return test_colour(from, 2); });
    const Converted result = picture.convert(options, guard);
    const Colour3 wanted = expected_colour(test_colour(from, 2), layout, result.layout);
    for (int y = 0; y < result.view().height; ++y) {
      for (int x = 0; x < result.view().width; ++x) {
        ASSERT_TRUE(close(colour_of(result.view(), x, y), wanted, kTolerance))
            << "round " << round << ": " << name_of(from) << " " << layout.width << "x" << layout.height
            << " to " << name_of(to) << " " << options.width << "x" << options.height << " rotate "
            << options.rotate << " mirror " << options.mirror << " at " << x << "," << y;
      }
    }
  }
}

// Four quarters of four colours tell every orientation apart.
TEST(ConversionPlan, TurnsAndMirrorsAsDocumented) {
  struct Case {
    uint32_t rotate;
    bool mirror;
    std::array<int, 4> quarters;  // which of the source's: top left, top right, bottom left, bottom right
  };
  const Case cases[] = {{0, false, {0, 1, 2, 3}},   {90, false, {2, 0, 3, 1}}, {180, false, {3, 2, 1, 0}},
                        {270, false, {1, 3, 0, 2}}, {0, true, {1, 0, 3, 2}},   {90, true, {0, 2, 1, 3}},
                        {180, true, {2, 3, 0, 1}},  {270, true, {3, 1, 2, 0}}};
  for (const auto& [from, from_name] : kFormatNames) {
    for (const auto& [to, to_name] : kFormatNames) {
      for (const uint32_t width : {0u, 60u, 200u}) {
        Picture picture(packed_layout(from, 96, 64), Guard::kBehind, [from = from](int x, int y) {
          return test_colour(from, (x >= 48 ? 1 : 0) + (y >= 32 ? 2 : 0));
        });
        for (const Case& turn : cases) {
          const Converted result =
              picture.convert({.format = to, .width = width, .rotate = turn.rotate, .mirror = turn.mirror});
          const ConstView view = result.view();
          for (int quarter = 0; quarter < 4; ++quarter) {
            const int x = view.width * (1 + 2 * (quarter % 2)) / 4,
                      y = view.height * (1 + 2 * (quarter / 2)) / 4;
            const Colour3 source = test_colour(from, turn.quarters[static_cast<size_t>(quarter)]);
            ASSERT_TRUE(close(colour_of(view, x, y), expected_colour(source, picture.layout(), result.layout),
                              kTolerance))
                << from_name << " to " << to_name << " width " << width << " rotate " << turn.rotate
                << " mirror " << turn.mirror << " quarter " << quarter;
          }
        }
      }
    }
  }
}

TEST(ConversionPlan, CropsWhatItWasTold) {
  for (const auto& [from, name] : kFormatNames) {
    // One 16 x 8 patch of another colour, which the crop takes exactly.
    Picture picture(packed_layout(from, 64, 48), Guard::kBehind, [from = from](int x, int y) {
      return test_colour(from, x >= 20 && x < 36 && y >= 10 && y < 18 ? 1 : 3);
    });
    const Converted result = picture.convert({.format = PixelFormat::kRgb24, .crop = Rect{20, 10, 16, 8}});
    ASSERT_EQ(result.layout.width, 16u);
    ASSERT_EQ(result.layout.height, 8u);
    const Colour3 wanted = expected_colour(test_colour(from, 1), picture.layout(), result.layout);
    for (int y = 0; y < 8; ++y) {
      for (int x = 0; x < 16; ++x)
        ASSERT_TRUE(close(colour_of(result.view(), x, y), wanted, kTolerance)) << name;
    }
  }
}

TEST(ConversionPlan, ContainKeepsTheAspectRatioBetweenBlackBars) {
  for (const auto& [to, name] : kFormatNames) {
    Picture picture(packed_layout(PixelFormat::kYuyv, 160, 90), Guard::kBehind,
                    [](int, int) { return kYuv[3]; });
    const Converted high = picture.convert({.format = to, .width = 81, .height = 81, .fit = Fit::kContain});
    const Colour3 inside = expected_colour(kYuv[3], picture.layout(), high.layout);
    const Colour3 black = is_rgb(to) ? Colour3{0, 0, 0} : Colour3{16, 128, 128};
    for (int y = 0; y < 81; ++y) {  // 46 rows of picture from row 16
      const bool picture_row = y >= 16 && y < 62;
      ASSERT_TRUE(close(colour_of(high.view(), 40, y), picture_row ? inside : black, kTolerance))
          << name << y;
    }
    const Converted wide = picture.convert({.format = to, .width = 100, .height = 20, .fit = Fit::kContain});
    for (int x = 0; x < 100; ++x) {  // 36 columns from column 32
      const bool picture_column = x >= 32 && x < 68;
      ASSERT_TRUE(close(colour_of(wide.view(), x, 10), picture_column ? inside : black, kTolerance))
          << name << x;
    }
  }
}

TEST(ConversionPlan, CoverCutsBothSidesAlike) {
  // Blue at both ends, red in the middle square.
  Picture picture(packed_layout(PixelFormat::kI420, 160, 80), Guard::kBehind,
                  [](int x, int) { return x >= 40 && x < 120 ? kYuv[0] : kYuv[2]; });
  const ConversionOptions square{.format = PixelFormat::kI420, .width = 40, .height = 40, .fit = Fit::kCover};
  const Converted result = picture.convert(square);
  for (int x = 0; x < 40; ++x) ASSERT_TRUE(close(colour_of(result.view(), x, 20), kYuv[0], 1)) << x;
}

TEST(ConversionPlan, RespectsStridesAndOffsets) {
  FrameLayout padded = packed_layout(PixelFormat::kNv12, 34, 18);
  padded.planes[0] = {128, 64, 18};
  padded.planes[1] = {128 + 64 * 18 + 40, 96, 9};
  padded.payload_size = padded.planes[1].offset + 96 * 9;
  Picture picture(padded, Guard::kBehind, [](int, int) { return kYuv[1]; });
  const auto wanted_layout = converted_layout(padded, {.format = PixelFormat::kYuyv});
  FrameLayout to = *wanted_layout;
  to.planes[0] = {32, 100, 18};
  to.payload_size = 32 + 100 * 18;
  std::vector<uint8_t> bytes(to.payload_size, 0x77);
  auto plan = ConversionPlan::make(padded, to, {.format = PixelFormat::kYuyv});
  ASSERT_TRUE(plan);
  std::vector<uint8_t> source(padded.payload_size);
  paint_picture(view_of(source.data(), padded), [](int, int) { return kYuv[1]; });
  (*plan)->convert(source.data(), bytes.data());
  const ConstView view = view_of<const uint8_t>(bytes.data(), to);
  EXPECT_TRUE(close(colour_of(view, 33, 17), kYuv[1], 0));
  for (int n = 0; n < 32; ++n) ASSERT_EQ(bytes[static_cast<size_t>(n)], 0x77);
  for (size_t row = 0; row < 18; ++row) {
    for (size_t column = 68; column < 100; ++column) ASSERT_EQ(bytes[32 + 100 * row + column], 0x77);
  }
}

TEST(ConversionPlan, SaysWhatTheColoursOfTheResultMean) {
  FrameLayout bt709 = packed_layout(PixelFormat::kNv12, 64, 48);
  bt709.matrix = Matrix::kBt709;
  bt709.range = Range::kFull;
  bt709.primaries = Primaries::kBt709;
  for (const PixelFormat to : {PixelFormat::kI420, PixelFormat::kYuyv, PixelFormat::kGray8}) {
    const auto layout = converted_layout(bt709, {.format = to});
    EXPECT_EQ(layout->matrix, Matrix::kBt709);
    EXPECT_EQ(layout->range, Range::kFull);
  }
  const auto rgb = converted_layout(bt709, {.format = PixelFormat::kBgr24});
  EXPECT_EQ(rgb->matrix, Matrix::kRgb);
  EXPECT_EQ(rgb->range, Range::kFull);
  EXPECT_EQ(rgb->primaries, Primaries::kBt709);
  const auto yuv = converted_layout(*rgb, {.format = PixelFormat::kYuyv});
  EXPECT_EQ(yuv->matrix, Matrix::kBt601);
  EXPECT_EQ(yuv->range, Range::kLimited);
}

TEST(ConversionPlan, RefusesWhatCannotBeDone) {
  const FrameLayout from = packed_layout(PixelFormat::kYuyv, 640, 480);
  const auto code = [&](const ConversionOptions& options) {
    const auto layout = converted_layout(from, options);
    return layout ? std::string("none") : layout.error().code;
  };
  EXPECT_EQ(code({.rotate = 45}), "CONVERSION_ROTATE");
  EXPECT_EQ(code({.rotate = 360}), "CONVERSION_ROTATE");
  EXPECT_EQ(code({.width = 8193, .height = 2}), "CONVERSION_SIZE");
  EXPECT_EQ(code({.crop = Rect{600, 0, 41, 10}}), "CONVERSION_CROP");
  EXPECT_EQ(code({.crop = Rect{0xfffffffe, 0, 4, 10}}), "CONVERSION_CROP");
  EXPECT_EQ(code({.crop = Rect{0, 0, 0, 10}}), "CONVERSION_CROP");
  EXPECT_EQ(code({.crop = Rect{1, 0, 10, 10}}), "CONVERSION_CROP");
  EXPECT_EQ(code({.crop = Rect{0, 1, 9, 9}}), "none");  // rows are not shared in yuyv
  FrameLayout unknown = from;
  unknown.fourcc = fourcc('M', 'J', 'P', 'G');
  EXPECT_EQ(converted_layout(unknown, {}).error().code, "CONVERSION_FORMAT");
  EXPECT_EQ(ConversionPlan::make(from, packed_layout(PixelFormat::kRgb24, 320, 240), {}).error().code,
            "CONVERSION_LAYOUT");
}

TEST(ConversionPlan, WorksOutTheSideThatWasLeftOpen) {
  const FrameLayout from = packed_layout(PixelFormat::kYuyv, 1920, 1080);
  const auto by_width = converted_layout(from, {.width = 1280});
  EXPECT_EQ(by_width->height, 720u);
  const auto by_height = converted_layout(from, {.height = 480});
  EXPECT_EQ(by_height->width, 854u);
  const auto turned = converted_layout(from, {.width = 540, .rotate = 90});
  EXPECT_EQ(turned->height, 960u);
}

}  // namespace
}  // namespace camstream
