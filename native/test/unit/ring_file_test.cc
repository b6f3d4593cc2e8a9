#include "ring/ring_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "ring/ring_list.h"
#include "support/child.h"
#include "support/ring_options.h"
#include "support/temporary_root.h"

namespace camstream {
namespace {

using namespace std::chrono_literals;

class RingFileTest : public testing::Test {
 protected:
  void SetUp() override { start(); }
  void start() {
    auto opened = RingHost::open(small_ring(root_.path()));
    ASSERT_TRUE(opened) << opened.error().message;
    host_ = std::move(*opened);
  }
  std::unique_ptr<RingFile> open(const RingFileOptions& options = {}) {
    auto file = RingFile::open(root_.path(), "camera", options);
    if (!file) ADD_FAILURE() << file.error().message;
    return file ? std::move(*file) : nullptr;
  }
  std::string error_code(const RingFileOptions& options = {}) {
    const auto file = RingFile::open(root_.path(), "camera", options);
    return file ? "none" : file.error().code;
  }

  TemporaryRoot root_;
  std::unique_ptr<RingHost> host_;
};

TEST_F(RingFileTest, JoinsAndLeasesFrames) {
  const auto file = open();
  EXPECT_TRUE(file->registered());
  EXPECT_EQ(file->refusal(), "");
  EXPECT_EQ(file->quota(), 1u);
  EXPECT_FALSE(file->peer_gone());
  EXPECT_FALSE(file->path_replaced());
  EXPECT_EQ(file->geometry().width, 64u);
  RingReader reader = file->make_reader();
  for (uint64_t sequence = 1; sequence <= 50; ++sequence) {
    publish_frame(*host_);
    ASSERT_TRUE(file->wait(sequence - 1, 10s));
    auto frame = reader.newest(sequence - 1);
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->meta.sequence, sequence);
    EXPECT_GE(frame->lease, 0);
    EXPECT_EQ(file->memory().payload(frame->slot)[0], static_cast<uint8_t>(sequence));
    EXPECT_TRUE(reader.release(*frame));
  }
}

TEST_F(RingFileTest, ReadsWithoutJoining) {
  const auto file = open({.join = false});
  EXPECT_FALSE(file->registered());
  RingReader reader = file->make_reader();
  std::thread writing([&] {
    usleep(20'000);
    publish_frame(*host_);
  });
  EXPECT_TRUE(file->wait(0, 10s));
  writing.join();
  const auto frame = reader.newest(0);
  ASSERT_TRUE(frame);
  EXPECT_LT(frame->lease, 0);
  EXPECT_TRUE(reader.intact(*frame));
  for (uint32_t count = 0; count < host_->status().slot_count; ++count) publish_frame(*host_);
  EXPECT_FALSE(reader.intact(*frame));
}

TEST_F(RingFileTest, ALeasedFrameKeepsItsBytesWhileTheRingLaps) {
  const auto file = open();
  RingReader reader = file->make_reader();
  publish_frame(*host_);
  auto frame = reader.newest(0);
  ASSERT_TRUE(frame);
  for (int count = 0; count < 1000; ++count) publish_frame(*host_);
  EXPECT_TRUE(reader.intact(*frame));
  const uint8_t* bytes = file->memory().payload(frame->slot);
  for (size_t index = 0; index < 64 * 64; ++index) ASSERT_EQ(bytes[index], 1);
  EXPECT_TRUE(reader.release(*frame));
}

TEST_F(RingFileTest, ReaderMemoryCannotBeWritten) {
  const auto file = open();
  const std::string end = in_child([&]() -> std::string {
    signal(SIGSEGV, SIG_DFL);
    *reinterpret_cast<volatile uint32_t*>(file->memory().slot_headers) = 1;
    return "written";
  });
  EXPECT_EQ(end, "died by signal " + std::to_string(SIGSEGV));
  EXPECT_EQ(fcntl(file->fd(), F_GETFL) & O_ACCMODE, O_RDONLY);
  void* writable = mmap(nullptr, kHeaderSize, PROT_READ | PROT_WRITE, MAP_SHARED, file->fd(), 0);
  EXPECT_EQ(writable, MAP_FAILED);
}

TEST_F(RingFileTest, MembersPastThePromisedLeasesGetNone) {
  std::vector<std::unique_ptr<RingFile>> files;
  for (int count = 0; count < 6; ++count) files.push_back(open());
  for (int count = 0; count < 6; ++count) {
    EXPECT_EQ(files[static_cast<size_t>(count)]->quota(), count < 4 ? 1u : 0u);
  }
  publish_frame(*host_);
  RingReader reader = files[5]->make_reader();
  const auto frame = reader.newest(0);
  ASSERT_TRUE(frame);
  EXPECT_LT(frame->lease, 0);
  files[0].reset();
  EXPECT_TRUE(eventually([&] { return host_->status().members == 5; }));
  EXPECT_EQ(open()->quota(), 1u);
}

TEST_F(RingFileTest, TheSeventeenthMemberOfAUserIsRefusedAndReadsOn) {
  std::vector<std::unique_ptr<RingFile>> files;
  for (uint32_t count = 0; count < kMaxMembersPerUser; ++count) files.push_back(open());
  const auto extra = open();
  EXPECT_FALSE(extra->registered());
  EXPECT_NE(extra->refusal().find("16 members"), std::string::npos) << extra->refusal();
  EXPECT_FALSE(extra->peer_gone());
  publish_frame(*host_);
  EXPECT_TRUE(extra->make_reader().newest(0));
}

TEST_F(RingFileTest, SeesThatTheProducerClosed) {
  const auto file = open();
  const auto watcher = open({.join = false});
  bool got = true;
  std::thread waiting([&] { got = file->wait(0, 60s); });
  host_.reset();
  waiting.join();
  EXPECT_FALSE(got);
  EXPECT_EQ(file->state(), RingState::kClosed);
  EXPECT_EQ(watcher->state(), RingState::kClosed);
  EXPECT_TRUE(file->peer_gone());
  EXPECT_TRUE(file->path_replaced());
  EXPECT_EQ(error_code(), "RING_NOT_FOUND");
  start();
  EXPECT_TRUE(file->path_replaced());
  EXPECT_FALSE(open()->path_replaced());
}

TEST_F(RingFileTest, InterruptEndsAWait) {
  for (const bool join : {true, false}) {
    const auto file = open({.join = join});
    bool got = true;
    std::thread waiting([&] { got = file->wait(0, 60s); });
    usleep(5'000);
    file->interrupt();
    waiting.join();
    EXPECT_FALSE(got);
  }
}

TEST_F(RingFileTest, ShowsStateAndHeartbeat) {
  const auto file = open();
  EXPECT_EQ(file->state(), RingState::kStarting);
  host_->set_state(RingState::kLive);
  EXPECT_EQ(file->state(), RingState::kLive);
  const uint64_t before = file->memory().live->heartbeat_ns.load_relaxed();
  EXPECT_TRUE(eventually([&] { return file->memory().live->heartbeat_ns.load_relaxed() != before; }));
  EXPECT_LT(file->heartbeat_age_ns(), 2'000'000'000u);
  EXPECT_TRUE(eventually([&] { return file->memory().live->members.load_relaxed() == 1; }));
}

TEST_F(RingFileTest, ListsRings) {
  auto other = RingHost::open(small_ring(root_.path(), "analysis"));
  ASSERT_TRUE(other);
  std::filesystem::create_directory(root_.ring("no-ring-in-it"));
  const auto names = list_rings(root_.path());
  ASSERT_TRUE(names) << names.error().message;
  EXPECT_EQ(*names, (std::vector<std::string>{"analysis", "camera"}));
  EXPECT_TRUE((*list_rings(root_.path() + "/nothing-here")).empty());
}

TEST_F(RingFileTest, SaysWhatIsMissing) {
  EXPECT_EQ(RingFile::open(root_.path(), "other").error().code, "RING_NOT_FOUND");
  EXPECT_EQ(RingFile::open(root_.path() + "/nothing", "camera").error().code, "RING_NOT_FOUND");
  EXPECT_EQ(RingFile::open(root_.path(), "../camera").error().code, "RING_NAME");
  EXPECT_EQ(RingFile::open(root_.path(), "").error().code, "RING_NAME");
  EXPECT_EQ(RingFile::open(root_.path(), std::string(64, 'a')).error().code, "RING_NAME");
  EXPECT_EQ(RingFile::open("relative", "camera").error().code, "RING_ROOT_UNTRUSTED");
}

TEST_F(RingFileTest, RefusesAForeignOrBrokenFile) {
  host_.reset();
  const std::string path = root_.ring("camera") + "/ring";
  const auto write_file = [&](const std::string& bytes) {
    std::filesystem::remove(path);
    std::ofstream(path, std::ios::binary) << bytes;
  };
  write_file("");
  EXPECT_EQ(error_code(), "RING_CORRUPT");
  write_file("CAMSRING");
  EXPECT_EQ(error_code(), "RING_CORRUPT");
  std::string random(100'000, '\0');
  for (char& c : random) c = static_cast<char>(rand());
  write_file(random);
  EXPECT_EQ(error_code(), "RING_CORRUPT");
  std::filesystem::remove(path);
  std::filesystem::create_symlink("/etc/passwd", path);
  EXPECT_EQ(error_code(), "RING_ROOT_UNTRUSTED");
  std::filesystem::remove(path);
  mkfifo(path.c_str(), 0600);
  EXPECT_EQ(error_code(), "RING_CORRUPT");
}

TEST_F(RingFileTest, RefusesATruncatedRingAndAnotherVersion) {
  const std::string path = root_.ring("camera") + "/ring";
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  const uint16_t newer = kMajor + 1;
  ASSERT_EQ(pwrite(fd, &newer, sizeof(newer), offsetof(RingGeometry, major)), 2);
  EXPECT_EQ(error_code(), "RING_VERSION");
  ASSERT_EQ(pwrite(fd, &kMajor, sizeof(kMajor), offsetof(RingGeometry, major)), 2);
  const uint16_t grown = 77;  // a newer minor version is none of our business
  ASSERT_EQ(pwrite(fd, &grown, sizeof(grown), offsetof(RingGeometry, minor)), 2);
  EXPECT_EQ(error_code(), "none");
  std::filesystem::copy_file(path, root_.path() + "/copy");
  std::filesystem::resize_file(root_.path() + "/copy", std::filesystem::file_size(path) - 4096);
  host_.reset();
  std::filesystem::rename(root_.path() + "/copy", path);
  EXPECT_EQ(error_code(), "RING_CORRUPT");
  close(fd);
}

}  // namespace
}  // namespace camstream
