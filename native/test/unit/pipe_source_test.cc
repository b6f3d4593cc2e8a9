// What comes of the child that runs a pipeline, where another program stands in for it.
#include "capture/pipe_source.h"

#include <gtest/gtest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>

#include "capture/carrier_format.h"
#include "gstreamer/carrier_writer.h"
#include "support/ring_options.h"
#include "support/temporary_root.h"

namespace camstream {
namespace {

constexpr int kFrames = 3;

// A program that gives three pictures, then a warning of an element, and stays.
std::string stand_in(const TemporaryRoot& folder) {
  const std::string recorded = folder.path() + "/recorded";
  CarrierWriter writer(UniqueFd(open(recorded.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)));
  FrameLayout layout = packed_layout(PixelFormat::kGray8, 64, 64);
  layout.rate_numerator = 30;
  EXPECT_TRUE(writer.format(carrier_format_of(layout)));
  const std::vector<uint8_t> picture(layout.payload_size, 7);
  for (uint64_t n = 0; n < kFrames; ++n) {
    CarrierHead head;
    head.body_size = layout.payload_size;
    head.captured_ns = monotonic_ns() + n;
    head.number = n;
    EXPECT_TRUE(writer.frame(head, picture.data(), picture.size()));
  }
  EXPECT_TRUE(writer.notice("the tuner is out of tune"));
  const std::string program = folder.path() + "/camstream-gst";
  std::ofstream(program) << "#!/bin/sh\ncat '" << recorded << "'\nexec sleep 60\n";
  chmod(program.c_str(), 0755);
  return program;
}

TEST(PipeSource, AWarningOfAnElementIsANoticeThatNamesThePipeline) {
  const TemporaryRoot folder;
  const auto source = make_pipe_source({.pipeline = "tunersrc", .wish = {}, .program = stand_in(folder)});
  const Status opened = source->open();
  ASSERT_TRUE(opened) << opened.error().message;
  RingHostOptions options = small_ring(folder.path());
  options.layout = source->layout();
  const auto ring = RingHost::open(options);
  ASSERT_TRUE(ring) << ring.error().message;
  ASSERT_TRUE(source->start(**ring));
  std::vector<Error> notices;
  int frames = 0;
  ASSERT_TRUE(eventually([&] {
    const auto next = source->next(**ring, 100);
    frames += next && *next == Source::Next::kFrame;
    for (Error& notice : source->take_notices()) notices.push_back(std::move(notice));
    return !notices.empty();
  }));
  EXPECT_EQ(frames, kFrames);
  EXPECT_EQ(notices[0].code, "GST_NOTICE");
  EXPECT_NE(notices[0].message.find("tunersrc"), std::string::npos) << notices[0].message;
  EXPECT_NE(notices[0].message.find("the tuner is out of tune"), std::string::npos) << notices[0].message;
  source->stop(**ring);
  source->close();
}

TEST(PipeSource, NamesTheProgramThatIsNotThere) {
  const TemporaryRoot folder;
  const std::string program = folder.path() + "/camstream-gst";
  const auto source = make_pipe_source({.pipeline = "videotestsrc", .wish = {}, .program = program});
  const Status opened = source->open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "GST_SYSTEM");
  EXPECT_NE(opened.error().message.find("`" + program + "`"), std::string::npos);
  EXPECT_NE(opened.error().message.find("npm run build:native"), std::string::npos);
}

}  // namespace
}  // namespace camstream
