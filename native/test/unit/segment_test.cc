// Memory for rings: too little of it in all the places where it can be short, and who holds it.
#include "shm/segment.h"

#include <chrono>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/time.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "ring/ring_file.h"
#include "support/child.h"
#include "support/ring_options.h"
#include "support/temporary_root.h"

namespace camstream {
namespace {

RingHostOptions ring_of_mebibytes(const std::string& root, uint32_t mebibytes) {
  RingHostOptions options = small_ring(root);
  options.readers = 1;
  options.local_leases = 0;  // 1 + 2 + 3 + 1 = 7 slots
  options.layout = packed_layout(PixelFormat::kGray8, 1024, mebibytes * 1024 / 7);
  options.layout.rate_numerator = 30;
  return options;
}

// "" or a reason why a file system of `size` could not be laid over `path`, in a mount namespace of our own.
std::string lay_tmpfs(const std::string& path, const char* size) {
  if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0 ||
      mount("none", path.c_str(), "tmpfs", 0, size) < 0) {
    return "skip";
  }
  return "";
}

size_t files_in(const std::string& folder) {
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().filename() != "lock") ++count;
  }
  return count;
}

TEST(Segment, ATinyShmIsAClearErrorAndLeavesNothing) {
  const TemporaryRoot root;
  const std::string text = in_child([&]() -> std::string {
    if (auto why = lay_tmpfs(root.path(), "size=1m"); !why.empty()) return why;
    const auto ring = RingHost::open(ring_of_mebibytes(root.path(), 7));
    if (ring) return "opened";
    return ring.error().code + ": " + ring.error().message + " left " +
           std::to_string(files_in(root.ring("camera")));
  });
  if (text == "skip") GTEST_SKIP() << "mounting needs root";
  EXPECT_EQ(text.find("RING_NO_SPACE: "), 0u) << text;
  EXPECT_NE(text.find("15 MiB in all"), std::string::npos) << text;
  EXPECT_NE(text.find("1 MiB in the file system of " + root.ring("camera")), std::string::npos) << text;
  EXPECT_NE(text.find("--shm-size"), std::string::npos) << text;
  EXPECT_NE(text.find("left 0"), std::string::npos) << text;
}

TEST(Segment, RoomForOneRingOnlyIsNotEnoughToStart) {
  const TemporaryRoot root;
  const std::string text = in_child([&]() -> std::string {
    if (auto why = lay_tmpfs(root.path(), "size=10m"); !why.empty()) return why;
    const auto ring = RingHost::open(ring_of_mebibytes(root.path(), 7));
    return ring ? "opened" : ring.error().code;
  });
  if (text == "skip") GTEST_SKIP() << "mounting needs root";
  EXPECT_EQ(text, "RING_NO_SPACE");
}

TEST(Segment, AHungReaderIsTheSecondRingAndIsNamedWhenItIsTheThird) {
  const TemporaryRoot root;
  const std::string text = in_child([&]() -> std::string {
    if (auto why = lay_tmpfs(root.path(), "size=18m"); !why.empty()) return why;
    const auto options = ring_of_mebibytes(root.path(), 7);
    const auto hold_one = [&] { return RingFile::open(root.path(), "camera"); };
    auto first = RingHost::open(options);
    if (!first) return "first: " + first.error().message;
    const auto held = hold_one();
    *first = nullptr;
    auto second = RingHost::open(options);
    if (!second) return "second: " + second.error().message;
    const auto held_too = hold_one();
    *second = nullptr;
    const auto third = RingHost::open(options);
    if (third) return "third opened";
    return third.error().code + ' ' + third.error().message;
  });
  if (text == "skip") GTEST_SKIP() << "mounting needs root";
  EXPECT_EQ(text.find("RING_NO_SPACE"), 0u) << text;
  EXPECT_NE(text.find("still holds the ring before this one: process "), std::string::npos) << text;
  EXPECT_NE(text.find("(segment"), std::string::npos) << text;
}

// Version 1 and 2 of cgroups: a child of our own group with a limit.
class LimitedCgroup {
 public:
  explicit LimitedCgroup(const char* bytes) {
    std::ifstream own("/proc/self/cgroup");
    for (std::string line; std::getline(own, line);) {
      const std::string group = line.substr(line.rfind(':') + 1);
      if (line.find(":memory:") != std::string::npos) {
        try_folder("/sys/fs/cgroup/memory" + group, "memory.limit_in_bytes", bytes);
      }
      if (line.find("0::") == 0) try_folder("/sys/fs/cgroup" + group, "memory.max", bytes);
    }
  }
  ~LimitedCgroup() {
    if (!folder_.empty()) rmdir(folder_.c_str());
  }
  bool made() const { return !folder_.empty(); }
  bool enter() const {
    return static_cast<bool>(std::ofstream(folder_ + "/cgroup.procs") << getpid() << std::flush);
  }

 private:
  void try_folder(const std::string& parent, const char* file, const char* bytes) {
    if (!folder_.empty()) return;
    const std::string folder = parent + "/camstream-test-" + std::to_string(getpid());
    if (mkdir(folder.c_str(), 0755) < 0) return;
    std::ofstream limit(folder + '/' + file);
    if (limit << bytes << std::flush) {
      folder_ = folder;
    } else {
      rmdir(folder.c_str());
    }
  }
  std::string folder_;
};

TEST(Segment, TheMemoryLimitOfACgroupIsAnErrorAndNotAKilledProcess) {
  const TemporaryRoot root;
  const LimitedCgroup group("128000000");
  if (!group.made()) GTEST_SKIP() << "no right to make a cgroup";
  const std::string text = in_child([&]() -> std::string {
    if (!group.enter()) return "skip";
    const auto ring = RingHost::open(ring_of_mebibytes(root.path(), 70));
    return ring ? "opened" : ring.error().code + ": " + ring.error().message;
  });
  if (text == "skip") GTEST_SKIP() << "no right to enter a cgroup";
  EXPECT_EQ(text.find("RING_NO_SPACE: "), 0u) << text;
  EXPECT_NE(text.find("the memory limit of the cgroup "), std::string::npos) << text;
}

// Linux gives up a fallocate on tmpfs at every signal and frees what it had.
TEST(Segment, IsAllocatedUnderAFastTimer) {
  const TemporaryRoot root;
  const std::string text = in_child([&]() -> std::string {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    sigaction(SIGALRM, &action, nullptr);
    itimerval every{};
    every.it_interval.tv_usec = every.it_value.tv_usec = 500;
    setitimer(ITIMER_REAL, &every, nullptr);
    auto ring = RingHost::open(ring_of_mebibytes(root.path(), 70));
    if (!ring) return ring.error().message;
    auto file = RingFile::open(root.path(), "camera");
    if (!file) return file.error().message;
    for (int count = 0; count < 20; ++count) {
      publish_frame(**ring);
      if (!(*file)->wait(static_cast<uint64_t>(count), std::chrono::seconds(10))) return "no frame";
    }
    return "fine";
  });
  EXPECT_EQ(text, "fine");
}

}  // namespace
}  // namespace camstream
