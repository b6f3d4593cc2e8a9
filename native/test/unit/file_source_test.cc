// Files and the child that decodes them.
#include "capture/file_source.h"

#include <grp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <future>

#include "capture/child_process.h"
#include "capture/file_probe.h"
#include "support/child.h"
#include "support/ring_options.h"
#include "support/temporary_root.h"

namespace camstream {
namespace {

TEST(ParseProbe, ReadsSizeRateAndColours) {
  const FileProbe probe = parse_probe(
      "width=1920\nheight=1080\npix_fmt=yuv420p\ncolor_range=tv\ncolor_space=bt709\ncolor_primaries=bt709\n"
      "r_frame_rate=30000/1001\navg_frame_rate=30000/1001\n");
  EXPECT_EQ(probe.width, 1920u);
  EXPECT_EQ(probe.rate.numerator, 30000u);
  EXPECT_EQ(probe.rate.denominator, 1001u);
  EXPECT_EQ(probe.matrix, Matrix::kBt709);
  EXPECT_EQ(probe.primaries, Primaries::kBt709);
  EXPECT_EQ(probe.range, Range::kLimited);
  EXPECT_FALSE(probe.rgb);
}

TEST(ParseProbe, GoesByTheSizeWhereTheFileDoesNotSay) {
  EXPECT_EQ(parse_probe("width=640\nheight=480\npix_fmt=yuv420p\ncolor_space=unknown\n").matrix,
            Matrix::kBt601);
  EXPECT_EQ(parse_probe("width=1280\nheight=720\npix_fmt=yuv420p\ncolor_space=unknown\n").matrix,
            Matrix::kBt709);
}

TEST(ParseProbe, KnowsFullRangeRgbRotationAndStillPictures) {
  EXPECT_EQ(parse_probe("width=4\nheight=2\npix_fmt=yuvj420p\n").range, Range::kFull);
  EXPECT_TRUE(parse_probe("width=4\nheight=2\npix_fmt=gbrp\n").rgb);
  EXPECT_EQ(parse_probe("width=4\nheight=2\nrotation=-90\n").width, 2u);
  EXPECT_EQ(parse_probe("width=4\nheight=2\nrotation=180\n").width, 4u);
  EXPECT_EQ(parse_probe("width=4\nheight=2\navg_frame_rate=0/0\nr_frame_rate=0/0\n").rate.hertz(), 25);
  EXPECT_EQ(parse_probe("").width, 0u);
}

TEST(ChildProcess, GivesOutputComplaintsAndStatus) {
  auto result = run_child({"sh", "-c", "echo out; echo err >&2; exit 3"}, 10'000);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->output, "out\n");
  EXPECT_EQ(result->complaints, "err");
  EXPECT_EQ(result->status, 3);
}

TEST(ChildProcess, KeepsTheLastOfManyComplaints) {
  auto result = run_child({"sh", "-c", "seq 1 30000 >&2"}, 20'000);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_LE(result->complaints.size(), 2000u);
  EXPECT_EQ(result->complaints.substr(result->complaints.size() - 5), "30000");
}

// A child that closes its output and stays would keep us for ever.
TEST(ChildProcess, IsEndedWhenItStaysBehindItsOutput) {
  const uint64_t begin_ns = monotonic_ns();
  auto result = run_child({"sh", "-c", "echo out; exec sleep 60 >&-"}, 60'000);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->output, "out\n");
  EXPECT_EQ(result->status, 128 + SIGKILL);
  EXPECT_LT(monotonic_ns() - begin_ns, 10'000'000'000u);  // ten times its patience
}

TEST(ChildProcess, NamesThePackageWhenTheProgramIsMissing) {
  const auto child = ChildProcess::start({"/nonexistent/ffmpeg"});
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().code, "FFMPEG_MISSING");
  EXPECT_NE(child.error().message.find("apt-get install ffmpeg"), std::string::npos);
}

TEST(ChildProcess, HasNoDescriptorOfOurs) {
  auto result = run_child({"sh", "-c", "ls /proc/self/fd | wc -l"}, 10'000);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(std::atoi(result->output.c_str()), 4);  // 0, 1, 2 and the folder that ls reads
}

TEST(ChildProcess, IsGoneWithItsOwner) {
  pid_t pid = 0;
  {
    auto child = ChildProcess::start({"sleep", "60"});
    ASSERT_TRUE(child) << child.error().message;
    pid = child->pid();
  }
  EXPECT_EQ(kill(pid, 0), -1);
}

// One second of pictures, made once.
const std::string& clip() {
  static const TemporaryRoot folder;
  static const std::string path = [] {
    const std::string file = folder.path() + "/clip.mp4";
    auto made = run_child({"ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=50",
                           "-t", "0.2", "-pix_fmt", "yuv420p", file},
                          60'000);
    EXPECT_TRUE(made && made->status == 0);
    return file;
  }();
  return path;
}

TEST(FileSource, LoopsWithoutAGapInItsPacing) {
  const TemporaryRoot root;
  const auto source = make_file_source({.path = clip()});
  ASSERT_TRUE(source->open());
  RingHostOptions options = small_ring(root.path());
  options.layout = source->layout();
  auto ring = RingHost::open(options);
  ASSERT_TRUE(ring) << ring.error().message;
  ASSERT_TRUE(source->start(**ring));
  uint64_t frames = 0;
  for (int tries = 0; tries < 600 && frames < 25; ++tries) {  // ten in the file
    const auto next = source->next(**ring, 100);
    ASSERT_TRUE(next) << next.error().message;
    ASSERT_NE(*next, Source::Next::kEnded);
    frames += *next == Source::Next::kFrame;
  }
  EXPECT_EQ(frames, 25u);
  EXPECT_EQ((*ring)->status().published, 25u);
  source->stop(**ring);
  source->close();
}

// ffprobe waits for as long as nobody writes into the pipe.
TEST(FileSource, GivesUpOpeningWhenItIsToldTo) {
  const TemporaryRoot folder;
  const std::string path = folder.path() + "/pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const auto source = make_file_source({.path = path});
  auto opening = std::async(std::launch::async, [&] { return source->open(); });
  EXPECT_EQ(opening.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
  const uint64_t told_ns = monotonic_ns();
  source->give_up();
  const Status opened = opening.get();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "CHILD_SYSTEM");
  EXPECT_LT(monotonic_ns() - told_ns, 5'000'000'000u);  // ffprobe itself would have had 20 s
}

TEST(FileSource, SaysWhatIsWrongWithAFile) {
  const TemporaryRoot folder;
  const auto code_of = [](const std::string& path) {
    const auto status = make_file_source({.path = path})->open();
    return status ? std::string("none") : status.error().code;
  };
  EXPECT_EQ(code_of(folder.path() + "/nothing.mp4"), "FILE_NOT_FOUND");
  EXPECT_EQ(code_of(folder.path()), "FILE_NO_VIDEO");
  EXPECT_EQ(code_of("/etc/passwd"), "FILE_NO_VIDEO");
  EXPECT_EQ(code_of(clip()), "none");
  EXPECT_EQ(code_of("/" + std::string(300, 'x')), "FILE_SYSTEM");
}

TEST(FileSource, NamesTheUserWhoMayNotReadAFile) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root, to be another user";
  const TemporaryRoot folder;
  chmod(folder.path().c_str(), 0755);
  const std::string path = folder.path() + "/mine.mp4";
  std::filesystem::copy_file(clip(), path);
  chmod(path.c_str(), 0600);
  const std::string text = in_child([&]() -> std::string {
    if (setgroups(0, nullptr) < 0 || setgid(12345) < 0 || setuid(12345) < 0) return "no setuid";
    const Status opened = make_file_source({.path = path})->open();
    return opened ? "opened" : opened.error().code + ": " + opened.error().message;
  });
  const std::string wanted = "FILE_PERMISSION: the file `" + path + "` cannot be read by user 12345: ";
  EXPECT_EQ(text.rfind(wanted, 0), 0u) << text;
}

}  // namespace
}  // namespace camstream
