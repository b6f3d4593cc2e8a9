// A program as JPEG decoder: one that works, and all the ways in which one may not.
#include "capture/child_decoder.h"

#include <gtest/gtest.h>

#include "capture/decoder_choice.h"
#include "pixels/jpeg_decoder.h"
#include "support/jpeg_picture.h"

namespace camstream {
namespace {

const FrameLayout kLayout = decoded_jpeg_layout(64, 48);

// Stand-ins for those with hardware: the same programs, decoding by themselves.
DecoderProgram by_ffmpeg() {
  // clang-format off
  return {"ffmpeg",
          {"ffmpeg", "-nostdin", "-v", "error", "-probesize", "32", "-fpsprobesize", "0", "-threads", "1",
           "-f", "nut", "-i", "pipe:0", "-fps_mode", "passthrough",
           "-vf", "scale=in_range=full:out_range=full:flags=area,format=yuv420p",
           "-threads", "1", "-flush_packets", "1", "-f", "rawvideo", "pipe:1"},
          DecoderProgram::Framing::kNut};
  // clang-format on
}
DecoderProgram by_gstreamer() {
  return {"gst-launch",
          {"gst-launch-1.0", "-q", "fdsrc", "!", "jpegparse", "!", "jpegdec", "!", "videoconvert", "!",
           "video/x-raw,format=I420,width={width},height={height}", "!", "fdsink"},
          DecoderProgram::Framing::kNone};
}
DecoderProgram by_shell(const std::string& script) {
  return {"stand-in", {"sh", "-c", script}, DecoderProgram::Framing::kNone};
}

Bytes decoded_by_us(const Bytes& jpeg) {
  Bytes picture(kLayout.payload_size);
  EXPECT_TRUE(JpegDecoder(kLayout).decode(jpeg.data(), jpeg.size(), picture.data()));
  return picture;
}

class Decoding {
 public:
  explicit Decoding(const DecoderProgram& program) : decoder_(make_child_decoder(program, kLayout)) {}

  Status start() { return decoder_->start(); }
  Status decode(const Bytes& jpeg) {
    picture_.assign(kLayout.payload_size, 0);
    EXPECT_TRUE(decoder_->room());
    decoder_->give({jpeg.data(), jpeg.size(), picture_.data()});
    EXPECT_FALSE(decoder_->room());
    return *decoder_->wait();
  }
  std::string failure() {
    const auto failed = decoder_->failure();
    return failed ? failed->message : "";
  }
  const Bytes& picture() const { return picture_; }

 private:
  Bytes picture_;
  std::unique_ptr<PictureDecoder> decoder_;
};

void expect_alike(const Bytes& found, const Bytes& wanted) {
  int worst = 0;
  for (size_t at = 0; at < wanted.size(); ++at) worst = std::max(worst, std::abs(found[at] - wanted[at]));
  EXPECT_LE(worst, 10);
}

TEST(ChildDecoder, GivesEachPictureBackBeforeTheNextIsGiven) {
  for (const DecoderProgram& program : {by_ffmpeg(), by_gstreamer()}) {
    SCOPED_TRACE(program.name);
    Decoding decoding(program);
    ASSERT_TRUE(decoding.start());
    for (int shade = 0; shade < 100; shade += 10) {
      const Bytes jpeg = make_jpeg({.shade = shade});
      ASSERT_TRUE(decoding.decode(jpeg));
      ASSERT_EQ(decoding.failure(), "");
      expect_alike(decoding.picture(), decoded_by_us(jpeg));
    }
  }
}

TEST(ChildDecoder, OneThatEndsOrHangsIsFollowedByLibturbojpegWithoutALoss) {
  const std::string one = "head -c " + std::to_string(kLayout.payload_size) + " /dev/zero";
  const Bytes jpeg = make_jpeg();
  for (const auto& [script, says] :
       {std::pair<std::string, const char*>{"echo no such device >&2; exit 1", "no such device"},
        {one, "ended"},
        {one + "; exec sleep 1000", "gave no picture"},
        {one + "; cat >/dev/null", "gave no picture"}}) {
    SCOPED_TRACE(script);
    Decoding decoding(by_shell(script));
    ASSERT_TRUE(decoding.start());
    ASSERT_TRUE(decoding.decode(jpeg));
    for (int picture = 0; picture < 3; ++picture) {
      ASSERT_TRUE(decoding.decode(jpeg));
      EXPECT_EQ(decoding.picture(), decoded_by_us(jpeg));
    }
    EXPECT_NE(decoding.failure().find(says), std::string::npos) << decoding.failure();
  }
}

TEST(ChildDecoder, DamageIsFoundByLibturbojpegWhenTheProgramLeavesThePictureOut) {
  Decoding decoding(by_shell("exec cat >/dev/null 2>&1 <&0 & head -c " +
                             std::to_string(kLayout.payload_size) + " /dev/zero; wait"));
  ASSERT_TRUE(decoding.start());
  ASSERT_TRUE(decoding.decode(make_jpeg()));
  Bytes damaged = make_jpeg({.quality = 95});
  const auto scan = static_cast<ptrdiff_t>(find_segment(damaged, kSos));
  damaged.erase(damaged.begin() + scan + 40, damaged.begin() + scan + 140);
  EXPECT_FALSE(decoding.decode(damaged));
  EXPECT_TRUE(decoding.decode(make_jpeg()));
}

TEST(ChildDecoder, OneThatIsNotThereIsSaidAtOnce) {
  Decoding decoding({"missing", {"/nonexistent/decoder"}, DecoderProgram::Framing::kNone});
  EXPECT_FALSE(decoding.start());
}

TEST(DecoderChoice, TheFirstThatReallyDecodesIsTakenAndTheOthersAreNamed) {
  DecoderChoice choice({by_shell("echo no VA display >&2; exit 1"),
                        by_shell("head -c 100000000 /dev/zero"),
                        {"missing", {"/nonexistent/decoder"}, DecoderProgram::Framing::kNone},
                        by_ffmpeg()});
  const auto decoder = choice.start(kLayout);
  ASSERT_TRUE(decoder);
  const std::string text = choice.description();
  EXPECT_EQ(text.find("ffmpeg (not by stand-in: "), 0u) << text;
  EXPECT_NE(text.find("no VA display"), std::string::npos) << text;
  EXPECT_NE(text.find("other colours"), std::string::npos) << text;
  EXPECT_EQ(choice.take_refusals().size(), 3u);
  EXPECT_TRUE(choice.take_refusals().empty());
}

TEST(DecoderChoice, WithoutAnyItIsLibturbojpeg) {
  DecoderChoice none({});
  ASSERT_TRUE(none.start(kLayout));
  EXPECT_EQ(none.description(), "libturbojpeg");
  DecoderChoice useless({by_shell("exit 1")});
  ASSERT_TRUE(useless.start(kLayout));
  EXPECT_EQ(useless.description().find("libturbojpeg (not by stand-in: "), 0u);
}

TEST(DecoderChoice, OneThatFailsAtWorkIsNotTakenAgain) {
  DecoderChoice choice({by_ffmpeg()});
  ASSERT_TRUE(choice.start(kLayout));
  EXPECT_EQ(choice.description(), "ffmpeg");
  choice.refuse({"JPEG_DECODER", "ffmpeg ended"});
  ASSERT_TRUE(choice.start(kLayout));
  EXPECT_EQ(choice.description(), "libturbojpeg (not by ffmpeg: ffmpeg ended)");
}

}  // namespace
}  // namespace camstream
