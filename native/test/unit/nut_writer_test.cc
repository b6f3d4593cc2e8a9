// What ffmpeg makes of our NUT, and what keeps it from growing.
#include "capture/nut_writer.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "support/run_ffmpeg.h"

namespace camstream {
namespace {

constexpr uint64_t kDay = 24ull * 3600 * 1'000'000;

struct Frame {
  uint64_t time_us;
  uint8_t value;
};

std::string nut_file(const TemporaryRoot& folder, const FrameLayout& layout,
                     const std::vector<Frame>& frames) {
  const std::string path = folder.path() + "/pictures.nut";
  std::ofstream file(path, std::ios::binary);
  const auto put = [&](const std::vector<uint8_t>& bytes) {
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  };
  put(nut_header(layout, {30, 1}, frames.front().time_us));
  for (const Frame& frame : frames) {
    put(nut_frame_header(frame.time_us, layout.payload_size, &frame == &frames.front()));
    put(std::vector<uint8_t>(layout.payload_size, frame.value));
  }
  return path;
}

std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  char buffer[4096];
  for (size_t got; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, got);
  EXPECT_EQ(pclose(pipe), 0) << command << "\n" << text;
  return text;
}

TEST(NutWriter, FfprobeFindsEachFrameAtItsMicrosecond) {
  for (const PixelFormat format : {PixelFormat::kI420, PixelFormat::kNv12}) {
    const TemporaryRoot folder;
    const FrameLayout layout = packed_layout(format, 322, 242);
    // Uneven distances, a gap, and times of a service that has run for long.
    const std::vector<Frame> frames{{0, 1}, {33'333, 2}, {33'334, 3}, {5'000'001, 4}, {400 * kDay + 7, 5}};
    const std::string path = nut_file(folder, layout, frames);
    const std::string told = output_of(
        "cat " + path + " | ffprobe -v error -f nut "
        "-show_entries stream=codec_name,width,height,pix_fmt,time_base,r_frame_rate:packet=pts,size "
        "-of compact=p=0 pipe:0");
    const std::string bytes = "|size=" + std::to_string(layout.payload_size) + "\n";
    std::string wanted;
    for (const Frame& frame : frames) wanted += "pts=" + std::to_string(frame.time_us) + bytes;
    wanted += "codec_name=rawvideo|width=322|height=242|pix_fmt=" + std::string(pix_fmt(format)) +
              "|r_frame_rate=30/1|time_base=1/1000000\n";
    EXPECT_EQ(told, wanted);
  }
}

TEST(NutWriter, FfmpegReadsTheBytesBackInOrderFromAPipe) {
  const TemporaryRoot folder;
  const FrameLayout layout = packed_layout(PixelFormat::kI420, 64, 48);
  std::vector<Frame> frames;
  for (uint8_t n = 0; n < 200; ++n) frames.push_back({uint64_t{n} * 16'683, n});
  const std::string path = nut_file(folder, layout, frames);
  const std::string out = folder.path() + "/raw";
  output_of("cat " + path + " | ffmpeg -v warning -probesize 32 -analyzeduration 0 -f nut -i pipe:0 " +
            "-fps_mode passthrough -f rawvideo " + out);
  const auto bytes = read_file(out);
  ASSERT_EQ(bytes.size(), frames.size() * layout.payload_size);
  for (size_t n = 0; n < bytes.size(); ++n) ASSERT_EQ(bytes[n], frames[n / layout.payload_size].value) << n;
}

TEST(NutWriter, OnlyOneFrameIsIndexedAndOneSyncpointWritten) {
  // ffmpeg keeps a note of each syncpoint and of each key frame: there are no others.
  const FrameLayout layout = packed_layout(PixelFormat::kI420, 64, 48);
  const auto header = nut_header(layout, {30, 1}, 0);
  const std::string text(header.begin(), header.end());
  const std::string startcode("\x4E\x4B\xE4\xAD\xEE\xCA\x45\x69", 8);
  ASSERT_NE(text.find(startcode), std::string::npos);
  EXPECT_EQ(text.find(startcode, text.find(startcode) + 1), std::string::npos);
  EXPECT_LT(nut_frame_header(400 * kDay, 50'000'000, false).size(), 24u);
}

TEST(NutWriter, PicturesWithPaddingOrPackedAreNotForIt) {
  FrameLayout layout = packed_layout(PixelFormat::kI420, 64, 48);
  EXPECT_TRUE(nut_fourcc(layout));
  layout.planes[0].stride += 16;
  EXPECT_FALSE(nut_fourcc(layout));
  EXPECT_FALSE(nut_fourcc(packed_layout(PixelFormat::kYuyv, 64, 48)));
  EXPECT_FALSE(nut_fourcc(packed_layout(PixelFormat::kRgb24, 64, 48)));
}

}  // namespace
}  // namespace camstream
