// The test picture: what is painted can be read back, whatever stood in the buffer before.
#include "pixels/test_picture.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "pixels/block_code.h"
#include "pixels/luma.h"
#include "pixels/row_code.h"

namespace camstream {
namespace {

struct Size {
  uint32_t width, height;
};

std::vector<uint8_t> painted(const FrameLayout& layout, const TestMoment& moment) {
  std::vector<uint8_t> bytes(layout.payload_size, 0xaa);
  TestPicture(layout).paint(bytes.data(), std::nullopt, moment);
  return bytes;
}

TEST(TestPicture, ReadsBackInEveryFormatAndSize) {
  const TestMoment moment{.sequence = 0x1234'5678'9abc, .captured_ns = 0xfedc'ba98'7654'3210, .clock_ns = 1};
  for (const auto& [format, name] : kFormatNames) {
    for (const Size size : {Size{1920, 1080}, {1280, 720}, {641, 479}, {320, 240}, {241, 181}}) {
      const FrameLayout layout = test_picture_layout(format, size.width, size.height);
      const auto bytes = painted(layout, moment);
      const auto code = read_block_code({bytes.data(), layout});
      ASSERT_TRUE(code) << name << " " << size.width;
      EXPECT_EQ(code->sequence, 0x5678'9abcu);
      EXPECT_EQ(code->captured_ns, moment.captured_ns);
      const RowCheck rows = check_rows({bytes.data(), layout});
      EXPECT_FALSE(rows.torn) << name << " " << size.width << " row " << rows.row;
      EXPECT_EQ(rows.sequence, 0x9abc);
    }
  }
}

TEST(TestPicture, PaintingOverAnOldPictureGivesTheSameBytesAsPaintingAnew) {
  std::mt19937_64 random(7);
  for (const auto& [format, name] : kFormatNames) {
    for (const Size size : {Size{640, 480}, {161, 121}, {39, 29}, {3, 2}, {1, 1}}) {
      const FrameLayout layout = test_picture_layout(format, size.width, size.height);
      const TestPicture picture(layout);
      std::vector<uint8_t> bytes(layout.payload_size, 0xaa);
      std::optional<TestMoment> before;
      for (int n = 0; n < 12; ++n) {
        const TestMoment moment{
            .sequence = random() >> 40, .captured_ns = random(), .clock_ns = random() >> 4};
        picture.paint(bytes.data(), before, moment);
        before = moment;
        ASSERT_EQ(bytes, painted(layout, moment)) << name << " " << size.width << "x" << size.height;
      }
    }
  }
}

TEST(TestPicture, WritesEveryByteAndNoneBeyond) {
  constexpr uint8_t kCanary = 0x5e;
  for (const auto& [format, name] : kFormatNames) {
    for (uint32_t width = 1; width <= 50; ++width) {
      const FrameLayout layout = test_picture_layout(format, width, 51 - width);
      std::vector<uint8_t> one(layout.payload_size + 64, kCanary), other(layout.payload_size + 64, 0xa1);
      const TestPicture picture(layout);
      picture.paint(one.data() + 32, std::nullopt, {});
      picture.paint(other.data() + 32, std::nullopt, {});
      EXPECT_EQ(std::memcmp(one.data() + 32, other.data() + 32, layout.payload_size), 0) << name << width;
      for (size_t n = 0; n < 32; ++n) {
        EXPECT_EQ(one[n], kCanary);
        EXPECT_EQ(one[one.size() - 1 - n], kCanary);
      }
    }
  }
}

TEST(TestPicture, ColourBarsHaveTheirDocumentedValues) {
  const FrameLayout yuyv = test_picture_layout(PixelFormat::kYuyv, 1920, 1080);
  const auto bytes = painted(yuyv, {});
  const uint8_t expected[8][3] = {{180, 128, 128}, {162, 44, 142}, {131, 156, 44}, {112, 72, 58},
                                  {84, 184, 198},  {65, 100, 212}, {35, 212, 114}, {16, 128, 128}};
  for (uint32_t bar = 0; bar < 8; ++bar) {
    const uint8_t* pair = bytes.data() + 864 * yuyv.planes[0].stride + 2 * (288 + 192 * bar);
    EXPECT_EQ(pair[0], expected[bar][0]);
    EXPECT_EQ(pair[1], expected[bar][1]);
    EXPECT_EQ(pair[2], expected[bar][0]);
    EXPECT_EQ(pair[3], expected[bar][2]);
  }
  const FrameLayout bgr = test_picture_layout(PixelFormat::kBgr24, 1920, 1080);
  const auto rgb_bytes = painted(bgr, {});
  const uint8_t* blue = rgb_bytes.data() + 864 * bgr.planes[0].stride + 3 * (288 + 192 * 6);
  EXPECT_EQ(blue[0], 191);
  EXPECT_EQ(blue[1], 0);
  EXPECT_EQ(blue[2], 0);
}

TEST(BlockCode, IsNotFoundInOtherPictures) {
  const FrameLayout layout = packed_layout(PixelFormat::kGray8, 640, 480);
  std::vector<uint8_t> bytes(layout.payload_size, 0);
  EXPECT_FALSE(read_block_code({bytes.data(), layout}));
  std::fill(bytes.begin(), bytes.end(), 255);
  EXPECT_FALSE(read_block_code({bytes.data(), layout}));
  std::mt19937 random(3);
  for (auto& byte : bytes) byte = static_cast<uint8_t>(random());
  EXPECT_FALSE(read_block_code({bytes.data(), layout}));
  const FrameLayout tiny = packed_layout(PixelFormat::kGray8, 8, 8);
  EXPECT_FALSE(read_block_code({bytes.data(), tiny}));
}

TEST(BlockCode, OneWrongCellIsNoticed) {
  const FrameLayout layout = test_picture_layout(PixelFormat::kGray8, 640, 480);
  for (uint32_t cell = 0; cell < BlockCode::kColumns * BlockCode::kRows; cell += 7) {
    auto bytes = painted(layout, {.sequence = 77, .captured_ns = 123456789, .clock_ns = 0});
    const Rect rect = grid_rect(layout, BlockCode::kColumn + cell % 32, BlockCode::kRow + cell / 32, 1, 1);
    for (uint32_t y = rect.y; y < rect.y + rect.height; ++y) {
      for (uint32_t x = rect.x; x < rect.x + rect.width; ++x) {
        uint8_t& pixel = bytes[y * layout.planes[0].stride + x];
        pixel = pixel > 126 ? 16 : 235;
      }
    }
    EXPECT_FALSE(read_block_code({bytes.data(), layout})) << cell;
  }
}

TEST(RowCode, RowsOfTwoFramesAreTorn) {
  for (const auto& [format, name] : kFormatNames) {
    const FrameLayout layout = test_picture_layout(format, 640, 480);
    const auto one = painted(layout, {.sequence = 1000, .captured_ns = 5, .clock_ns = 0});
    const auto other = painted(layout, {.sequence = 1021, .captured_ns = 6, .clock_ns = 0});
    for (const uint32_t row : {1u, 200u, 479u}) {
      auto mixed = one;
      const size_t cut = size_t{row} * layout.planes[0].stride;
      std::copy(other.begin(), other.begin() + static_cast<ptrdiff_t>(cut), mixed.begin());
      const RowCheck check = check_rows({mixed.data(), layout});
      EXPECT_TRUE(check.torn) << name;
      EXPECT_EQ(check.row, row) << name;
      EXPECT_EQ(check.sequence, 1021) << name;
    }
  }
}

TEST(RowCode, BlackBarsAroundThePictureAreNoRows) {
  const FrameLayout inner = test_picture_layout(PixelFormat::kGray8, 640, 360);
  const auto bytes = painted(inner, {.sequence = 9, .captured_ns = 5, .clock_ns = 0});
  const FrameLayout outer = test_picture_layout(PixelFormat::kGray8, 640, 480);
  std::vector<uint8_t> boxed(outer.payload_size, 16);
  std::copy(bytes.begin(), bytes.end(), boxed.begin() + 60 * 640);
  const RowCheck check = check_rows({boxed.data(), outer});
  EXPECT_FALSE(check.torn);
  EXPECT_EQ(check.sequence, 9);
  const auto code = read_block_code({boxed.data(), outer});
  ASSERT_TRUE(code);
  EXPECT_EQ(code->sequence, 9u);
}

}  // namespace
}  // namespace camstream
