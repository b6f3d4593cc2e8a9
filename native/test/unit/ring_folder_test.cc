// Who is trusted, and what others are told.
#include "shm/ring_folder.h"

#include <gtest/gtest.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>

#include <filesystem>

#include "ring/ring_file.h"
#include "shm/user_group.h"
#include "support/child.h"
#include "support/ring_options.h"
#include "support/temporary_root.h"

namespace camstream {
namespace {

constexpr uid_t kStranger = 12345;

class RingFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root, to be several users";
    chmod(root_.path().c_str(), 0755);
  }
  // What happens to a stranger who opens the ring for reading.
  std::string stranger_reads(const std::string& root, const std::string& name = "camera") {
    return in_child([&]() -> std::string {
      if (setgroups(0, nullptr) < 0 || setgid(kStranger) < 0 || setuid(kStranger) < 0) return "no setuid";
      const auto file = RingFile::open(root, name);
      return file ? "opened" : file.error().code + ": " + file.error().message;
    });
  }
  std::string code_of_producer(const std::string& root) {
    const auto ring = RingHost::open(small_ring(root));
    return ring ? "opened" : ring.error().code;
  }
  static size_t files_in(const std::string& folder) {
    return static_cast<size_t>(std::distance(std::filesystem::recursive_directory_iterator(folder), {}));
  }
  TemporaryRoot root_;
};

TEST_F(RingFolderTest, TellsAStrangerWhichGroupToJoin) {
  RingHostOptions options = small_ring(root_.path());
  options.group = "video";
  const auto ring = RingHost::open(options);
  ASSERT_TRUE(ring) << ring.error().message;
  const std::string text = stranger_reads(root_.path());
  EXPECT_EQ(text.find("RING_PERMISSION: "), 0u) << text;
  EXPECT_NE(text.find("usermod -aG video"), std::string::npos) << text;
}

TEST_F(RingFolderTest, LetsAMemberOfTheGroupIn) {
  RingHostOptions options = small_ring(root_.path());
  options.group = "video";
  const auto ring = RingHost::open(options);
  ASSERT_TRUE(ring) << ring.error().message;
  const gid_t video = *find_group("video");
  const std::string text = in_child([&]() -> std::string {
    if (setgroups(1, &video) < 0 || setgid(kStranger) < 0 || setuid(kStranger) < 0) return "no setuid";
    const auto file = RingFile::open(root_.path(), "camera");
    if (!file) return file.error().message;
    if (!(*file)->registered()) return (*file)->refusal();
    // Not even by way of /proc does a reader get to write.
    const std::string again = "/proc/self/fd/" + std::to_string((*file)->fd());
    return open(again.c_str(), O_RDWR) < 0 ? "read-only member" : "may write";
  });
  EXPECT_EQ(text, "read-only member");
}

TEST_F(RingFolderTest, AFileThatMayNotBeReadNamesItsGroup) {
  RingHostOptions options = small_ring(root_.path());
  const auto ring = RingHost::open(options);
  ASSERT_TRUE(ring) << ring.error().message;
  chmod(root_.ring("camera").c_str(), 0755);
  ASSERT_EQ(chown((root_.ring("camera") + "/ring").c_str(), 0, *find_group("audio")), 0);
  const std::string text = stranger_reads(root_.path());
  EXPECT_EQ(text.find("RING_PERMISSION: "), 0u) << text;
  EXPECT_NE(text.find("usermod -aG audio"), std::string::npos) << text;
}

TEST_F(RingFolderTest, ARootOfAnotherUserIsNotUsed) {
  ASSERT_EQ(chown(root_.path().c_str(), kStranger, kStranger), 0);
  EXPECT_EQ(code_of_producer(root_.path()), "RING_ROOT_UNTRUSTED");
  EXPECT_EQ(RingFile::open(root_.path(), "camera").error().code, "RING_ROOT_UNTRUSTED");
  EXPECT_EQ(files_in(root_.path()), 0u) << "nothing was left there";
}

TEST_F(RingFolderTest, ARingFolderOfAnotherUserIsNotUsed) {
  std::filesystem::create_directory(root_.ring("camera"));
  ASSERT_EQ(chown(root_.ring("camera").c_str(), kStranger, kStranger), 0);
  EXPECT_EQ(code_of_producer(root_.path()), "RING_ROOT_UNTRUSTED");
  EXPECT_EQ(files_in(root_.ring("camera")), 0u) << "nothing was left there";
}

TEST_F(RingFolderTest, NobodyIsFooledInASharedRoot) {
  chmod(root_.path().c_str(), 01777);
  const std::string made = in_child([&]() -> std::string {
    if (setgid(kStranger) < 0 || setuid(kStranger) < 0) return "no setuid";
    const auto ring = RingHost::open(small_ring(root_.path(), "bait"));
    if (!ring) return ring.error().message;
    // As if killed: the ring stays, whole and in the name of the stranger.
    _exit(0);
  });
  ASSERT_EQ(made, "");
  ASSERT_TRUE(std::filesystem::exists(root_.ring("bait") + "/ring"));
  EXPECT_EQ(RingFile::open(root_.path(), "bait").error().code, "RING_ROOT_UNTRUSTED");
}

TEST_F(RingFolderTest, ARootThatEverybodyMayRearrangeIsNotUsed) {
  chmod(root_.path().c_str(), 0777);
  EXPECT_EQ(code_of_producer(root_.path()), "RING_ROOT_UNTRUSTED");
}

TEST_F(RingFolderTest, LinksAreNotFollowed) {
  std::filesystem::create_directory(root_.path() + "/real");
  std::filesystem::create_directory_symlink(root_.path() + "/real", root_.path() + "/link");
  EXPECT_EQ(code_of_producer(root_.path() + "/link"), "RING_ROOT_UNTRUSTED");
  std::filesystem::create_directory_symlink(root_.path() + "/elsewhere", root_.path() + "/real/camera");
  EXPECT_EQ(code_of_producer(root_.path() + "/real"), "RING_ROOT_UNTRUSTED");
  std::filesystem::remove(root_.path() + "/real/camera");
  std::filesystem::create_directory(root_.path() + "/real/camera");
  std::filesystem::create_symlink(root_.path() + "/precious", root_.path() + "/real/camera/lock");
  EXPECT_EQ(code_of_producer(root_.path() + "/real"), "RING_SYSTEM");
  EXPECT_FALSE(std::filesystem::exists(root_.path() + "/precious"));
}

TEST_F(RingFolderTest, AStrangerMayNotMakeARingInASystemRoot) {
  const std::string text = in_child([&]() -> std::string {
    if (setgid(kStranger) < 0 || setuid(kStranger) < 0) return "no setuid";
    return code_of_producer(root_.path());
  });
  EXPECT_EQ(text, "RING_PERMISSION");
}

TEST_F(RingFolderTest, MakesItsRootButNothingAboveIt) {
  EXPECT_EQ(code_of_producer(root_.path() + "/new"), "opened");
  EXPECT_EQ(code_of_producer(root_.path() + "/a/b"), "RING_NOT_FOUND");
}

}  // namespace
}  // namespace camstream
