// The block code behind lossy codecs and scaling: every frame of it is read.
#include <gtest/gtest.h>
#include <turbojpeg.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>

#include "pixels/block_code.h"
#include "pixels/conversion_plan.h"
#include "pixels/test_picture.h"
#include "support/temporary_root.h"

namespace camstream {
namespace {

// Real times: every bit of the code changes now and then.
TestMoment moment_of(uint64_t frame) {
  return {.sequence = 4'000'000 + frame,
          .captured_ns = 123'456'789'012'345 + frame * 16'666'667,
          .clock_ns = 1'700'000'000'000'000'000 + frame * 16'666'667};
}

void expect_code(const ConstImage& image, uint64_t frame, const std::string& what) {
  const auto code = read_block_code(image);
  ASSERT_TRUE(code) << what << ", frame " << frame;
  EXPECT_EQ(code->sequence, static_cast<uint32_t>(moment_of(frame).sequence)) << what;
  EXPECT_EQ(code->captured_ns, moment_of(frame).captured_ns) << what;
}

struct Size {
  uint32_t width, height;
};
constexpr Size kSizes[] = {{1920, 1080}, {640, 480}, {320, 240}};

class Scaled {
 public:
  Scaled(Size size, PixelFormat format, Fit fit = Fit::kStretch)
      : from_(test_picture_layout(PixelFormat::kYuyv, 1920, 1080)),
        picture_(from_),
        source_(from_.payload_size) {
    const ConversionOptions options{.format = format, .width = size.width, .height = size.height, .fit = fit};
    layout_ = *converted_layout(from_, options);
    plan_ = std::move(*ConversionPlan::make(from_, layout_, options));
    bytes_.resize(layout_.payload_size);
  }

  const std::vector<uint8_t>& frame(uint64_t number) {
    picture_.paint(source_.data(), std::nullopt, moment_of(number));
    plan_->convert(source_.data(), bytes_.data());
    return bytes_;
  }
  const FrameLayout& layout() const { return layout_; }

 private:
  FrameLayout from_, layout_;
  TestPicture picture_;
  std::unique_ptr<ConversionPlan> plan_;
  std::vector<uint8_t> source_, bytes_;
};

struct EndTurboJpeg {
  void operator()(void* handle) const { tjDestroy(handle); }
};
using TurboJpeg = std::unique_ptr<void, EndTurboJpeg>;

std::vector<uint8_t> through_jpeg(const std::vector<uint8_t>& rgb, Size size, int quality) {
  const auto width = static_cast<int>(size.width), height = static_cast<int>(size.height);
  const TurboJpeg encoder(tjInitCompress()), decoder(tjInitDecompress());
  unsigned char* jpeg = nullptr;
  unsigned long jpeg_size = 0;
  EXPECT_EQ(tjCompress2(encoder.get(), rgb.data(), width, 0, height, TJPF_RGB, &jpeg, &jpeg_size, TJSAMP_420,
                        quality, 0),
            0);
  std::vector<uint8_t> decoded(rgb.size());
  EXPECT_EQ(tjDecompress2(decoder.get(), jpeg, jpeg_size, decoded.data(), width, 0, height, TJPF_RGB, 0), 0);
  tjFree(jpeg);
  return decoded;
}

TEST(BlockCodeBehindCodecs, JpegOfQuality50AtEverySize) {
  for (const Size size : kSizes) {
    Scaled scaled(size, PixelFormat::kRgb24);
    for (uint64_t frame = 0; frame < 20; ++frame) {
      const auto decoded = through_jpeg(scaled.frame(frame), size, 50);
      expect_code({decoded.data(), scaled.layout()}, frame, "JPEG " + std::to_string(size.width));
    }
  }
}

TEST(BlockCodeBehindCodecs, JpegWithBlackBarsAround) {
  const Size size{640, 480};
  Scaled scaled(size, PixelFormat::kRgb24, Fit::kContain);
  for (uint64_t frame = 0; frame < 20; ++frame) {
    const auto decoded = through_jpeg(scaled.frame(frame), size, 50);
    expect_code({decoded.data(), scaled.layout()}, frame, "JPEG with bars");
  }
}

TEST(BlockCodeBehindCodecs, H264OfOneAndAHalfMegabitsAtEverySize) {
  for (const Size size : kSizes) {
    constexpr uint64_t kFrames = 30;
    const TemporaryRoot folder;
    Scaled scaled(size, PixelFormat::kI420);
    {
      std::ofstream in(folder.path() + "/in", std::ios::binary);
      for (uint64_t frame = 0; frame < kFrames; ++frame) {
        const auto& bytes = scaled.frame(frame);
        in.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
      }
    }
    const std::string raw = " -f rawvideo -pix_fmt yuv420p ";
    const std::string side = std::to_string(size.width) + "x" + std::to_string(size.height);
    const std::string encode =
        "ffmpeg -nostdin -v error" + raw + "-s " + side + " -r 60 -i " + folder.path() +
        "/in -c:v libx264 -preset ultrafast -tune zerolatency -b:v 1500k -maxrate 1500k"
        " -bufsize 1500k -f nut " +
        folder.path() + "/coded";
    const std::string decode =
        "ffmpeg -nostdin -v error -i " + folder.path() + "/coded" + raw + folder.path() + "/out";
    ASSERT_EQ(std::system(encode.c_str()), 0);
    ASSERT_EQ(std::system(decode.c_str()), 0);
    std::ifstream out(folder.path() + "/out", std::ios::binary);
    std::vector<uint8_t> bytes(scaled.layout().payload_size);
    for (uint64_t frame = 0; frame < kFrames; ++frame) {
      ASSERT_TRUE(
          out.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size())));
      expect_code({bytes.data(), scaled.layout()}, frame, "H.264 " + side);
    }
  }
}

}  // namespace
}  // namespace camstream
