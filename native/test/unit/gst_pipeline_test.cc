// What is made of a pipeline's text, of its caps and of its faults: everything that needs no GStreamer.
#include "capture/gst_pipeline.h"

#include <gtest/gtest.h>
#include <linux/videodev2.h>

#include "capture/fault_error.h"
#include "capture/gst_camera.h"
#include "capture/gst_packages.h"
#include "gstreamer/picture_facts.h"

namespace camstream {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(PipelineText, TakesOurFormatsInTheOrderOfTheirCost) {
  const std::string text = pipeline_text("libcamerasrc", {});
  EXPECT_EQ(text.rfind("libcamerasrc ! capsfilter caps=\"video/x-raw,format=(string)YUY2;", 0), 0u) << text;
  EXPECT_TRUE(has(text, "format=(string)GRAY8;video/x-raw\" ! videoconvert !")) << text;
}

TEST(PipelineText, AsksForWhatIsWished) {
  const PipelineWish wish{.width = 1280, .height = 720, .rate = {30000, 1001}, .format = PixelFormat::kNv12};
  const std::string text = pipeline_text("v4l2src", wish);
  const std::string shape = ",width=(int)1280,height=(int)720,framerate=(fraction)30000/1001";
  EXPECT_TRUE(has(text, "videoconvert ! capsfilter caps=\"video/x-raw,format=(string)NV12" + shape + "\""))
      << text;
  EXPECT_FALSE(has(text, "YUY2")) << text;
  EXPECT_EQ(text_of(wish), "1280x720 nv12 at 29.97/s");
  EXPECT_EQ(text_of(PipelineWish{}), "");
}

TEST(PipelineText, QuotesADevice) {
  EXPECT_EQ(device_pipeline("/dev/video0"), "v4l2src device=\"/dev/video0\"");
  EXPECT_EQ(device_pipeline("/dev/a\"b\\c"), "v4l2src device=\"/dev/a\\\"b\\\\c\"");
}

TEST(CameraPipeline, AsksV4l2srcForTheModeThatWasChosen) {
  const V4l2Mode raw{V4L2_PIX_FMT_NV12, Coding::kConvertible, 640, 480, {30, 1}};
  const auto plain = camera_pipeline("/dev/video2", raw);
  EXPECT_EQ(plain.text, "v4l2src device=\"/dev/video2\"");
  EXPECT_EQ(text_of(plain.wish), "640x480 nv12 at 30/s");
  // What it converts is its own matter; what it decodes, too.
  const auto opaque = camera_pipeline("/dev/video2", {V4L2_PIX_FMT_NV16, Coding::kOpaque, 640, 480, {30, 1}});
  EXPECT_EQ(text_of(opaque.wish), "640x480 at 30/s");
  const auto jpeg = camera_pipeline("/dev/video2", {V4L2_PIX_FMT_MJPEG, Coding::kJpeg, 640, 480, {}});
  EXPECT_EQ(jpeg.text,
            "v4l2src device=\"/dev/video2\" ! image/jpeg,width=(int)640,height=(int)480 ! decodebin");
  EXPECT_EQ(text_of(jpeg.wish), "640x480");
}

TEST(PictureFacts, PadRowsAsGStreamerDoes) {
  const auto nv12 = layout_of(PictureFacts{.format = "NV12", .width = 321, .height = 241});
  ASSERT_TRUE(nv12);
  EXPECT_EQ(nv12->planes[0], (PlaneLayout{0, 324, 241}));
  EXPECT_EQ(nv12->planes[1], (PlaneLayout{324 * 242, 324, 121}));
  EXPECT_EQ(nv12->payload_size, 324u * 242 + 324u * 121);
  const auto i420 = layout_of(PictureFacts{.format = "I420", .width = 321, .height = 241});
  ASSERT_TRUE(i420);
  EXPECT_EQ(i420->planes[2], (PlaneLayout{324 * 242 + 164 * 121, 164, 121}));
  EXPECT_EQ(layout_of(PictureFacts{.format = "RGB", .width = 3, .height = 2})->planes[0].stride, 12u);
  EXPECT_EQ(layout_of(PictureFacts{.format = "YUY2", .width = 3, .height = 2})->planes[0].stride, 8u);
  EXPECT_FALSE(layout_of(PictureFacts{.format = "BGRx", .width = 3, .height = 2}));
  EXPECT_FALSE(layout_of(PictureFacts{.format = "NV12", .width = 0, .height = 2}));
}

TEST(PictureFacts, KnowTheColours) {
  const auto colours = [](const std::string& format, int height, const std::string& colorimetry) {
    return *layout_of(
        PictureFacts{.format = format, .width = 64, .height = height, .colorimetry = colorimetry});
  };
  EXPECT_EQ(colours("NV12", 480, "").matrix, Matrix::kBt601);
  EXPECT_EQ(colours("NV12", 720, "").matrix, Matrix::kBt709);
  EXPECT_EQ(colours("NV12", 720, "").range, Range::kLimited);
  EXPECT_EQ(colours("NV12", 720, "bt601").matrix, Matrix::kBt601);
  EXPECT_EQ(colours("NV12", 480, "bt709").primaries, Primaries::kBt709);
  EXPECT_EQ(colours("YUY2", 480, "2:4:16:4").primaries, Primaries::kSmpte170m);
  EXPECT_EQ(colours("YUY2", 480, "1:4:7:1").range, Range::kFull);
  EXPECT_EQ(colours("YUY2", 480, "bt2020").matrix, Matrix::kBt2020);
  EXPECT_EQ(colours("RGB", 480, "sRGB").matrix, Matrix::kRgb);
  EXPECT_EQ(colours("RGB", 480, "bt601").matrix, Matrix::kRgb);
  EXPECT_EQ(colours("GRAY8", 480, "").range, Range::kFull);
  EXPECT_EQ(colours("NV12", 480, "nonsense").matrix, Matrix::kBt601);
}

TEST(InstallAdvice, NamesThePackage) {
  const auto advises = [](const std::string& missing, const std::string& package) {
    return has(install_advice(missing), package);
  };
  EXPECT_TRUE(advises("libcamerasrc", "`apt-get install gstreamer1.0-libcamera`"));
  EXPECT_TRUE(advises("v4l2src", "`apt-get install gstreamer1.0-plugins-good`"));
  EXPECT_TRUE(advises("v4l2jpegdec", "gstreamer1.0-plugins-good"));
  EXPECT_TRUE(advises("rtspsrc", "gstreamer1.0-plugins-good"));
  EXPECT_TRUE(advises("rtph264depay", "gstreamer1.0-plugins-good"));
  EXPECT_TRUE(advises("x264enc", "gstreamer1.0-plugins-ugly"));
  EXPECT_TRUE(advises("h264parse", "gstreamer1.0-plugins-bad"));
  EXPECT_TRUE(advises("avdec_h264", "gstreamer1.0-libav"));
  EXPECT_TRUE(advises("videoconvert", "gstreamer1.0-plugins-base"));
  EXPECT_TRUE(advises("uridecodebin3", "gstreamer1.0-plugins-base"));
  EXPECT_TRUE(advises("videocrop", "gstreamer1.0-plugins-good"));
  EXPECT_TRUE(advises("nvarguscamerasrc", "NVIDIA"));
  EXPECT_TRUE(advises("whatever", "apt-cache dumpavail"));
  EXPECT_TRUE(advises("H.264 (Main Profile, Level 4) decoder", "gstreamer1.0-libav"));
  EXPECT_TRUE(advises("x264enc,h264parse", "plugins-ugly"));
  EXPECT_TRUE(advises("x264enc,h264parse", "plugins-bad"));
}

TEST(FaultError, SaysWhatIsAtFaultAndWhatToDo) {
  const auto of = [](GstFault fault, const std::string& text, const std::string& wish = "") {
    return fault_error(fault, text, "a ! b", wish);
  };
  EXPECT_EQ(of(GstFault::kNoLibrary, "\nx").code, "GST_MISSING");
  EXPECT_TRUE(has(of(GstFault::kNoLibrary, "\nx").message, "apt-get install"));
  EXPECT_EQ(of(GstFault::kSyntax, "\nsyntax error").code, "GST_SYNTAX");
  EXPECT_TRUE(
      has(of(GstFault::kSyntax, "\nsyntax error").message, "`a ! b`: this is no pipeline: syntax error"));
  EXPECT_TRUE(has(of(GstFault::kNoElement, "x264enc\nno element").message, "gstreamer1.0-plugins-ugly"));
  EXPECT_EQ(of(GstFault::kNotLinked, "\nw").code, "GST_NO_VIDEO");
  EXPECT_EQ(of(GstFault::kNotLinked, "\nw", "64x48").code, "GST_FORMAT");
  EXPECT_EQ(of(GstFault::kNotNegotiated, "\nw").code, "GST_FORMAT");
  EXPECT_TRUE(has(of(GstFault::kNotNegotiated, "\nw", "64x48").message, "wanted 64x48 (mode)"));
  EXPECT_EQ(of(GstFault::kInterlaced, "\nw").code, "GST_INTERLACED");
  EXPECT_EQ(of(static_cast<GstFault>(77), "no line").code, "GST_FAILED");
}

}  // namespace
}  // namespace camstream
