// What must not loosen a producer's lock, and what must.
#include "shm/owner_lock.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "support/child.h"
#include "support/ring_options.h"
#include "support/temporary_root.h"

namespace camstream {
namespace {

class OwnerLockTest : public testing::Test {
 protected:
  void SetUp() override { folder_ = UniqueFd(open(root_.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)); }
  std::string try_it() {
    const auto lock = OwnerLock::take(folder_.get(), root_.path());
    return lock ? "taken" : lock.error().code;
  }
  TemporaryRoot root_;
  UniqueFd folder_;
};

TEST_F(OwnerLockTest, IsFreeAgainWhenItsHolderEnds) {
  {
    const auto lock = OwnerLock::take(folder_.get(), root_.path());
    ASSERT_TRUE(lock) << lock.error().message;
    EXPECT_EQ(try_it(), "RING_BUSY");
  }
  EXPECT_EQ(try_it(), "taken");
}

TEST_F(OwnerLockTest, IsNotLostWhenItsProcessClosesTheFileElsewhere) {
  const auto lock = OwnerLock::take(folder_.get(), root_.path());
  close(open((root_.path() + "/lock").c_str(), O_RDWR | O_CLOEXEC));
  EXPECT_EQ(in_child([&] { return try_it(); }), "RING_BUSY");
}

TEST_F(OwnerLockTest, IsNotKeptByAProgramThatTheProducerStarted) {
  std::optional<Child> program;
  {
    const auto lock = OwnerLock::take(folder_.get(), root_.path());
    ASSERT_TRUE(lock);
    program.emplace([] { execlp("sleep", "sleep", "60", nullptr); });
    const std::string comm = "/proc/" + std::to_string(program->pid()) + "/comm";
    ASSERT_TRUE(eventually([&] {
      std::string name;
      return std::getline(std::ifstream(comm), name) && name == "sleep";
    }));
  }
  EXPECT_EQ(try_it(), "taken");
}

TEST_F(OwnerLockTest, IsFreeAsSoonAsItsHolderWasKilled) {
  for (int round = 0; round < 20; ++round) {
    Child holder([&] {
      const auto lock = OwnerLock::take(folder_.get(), root_.path());
      std::ofstream(root_.path() + "/held") << lock->in_place(folder_.get());
      pause();
    });
    ASSERT_TRUE(eventually([&] { return std::filesystem::exists(root_.path() + "/held"); }));
    EXPECT_EQ(try_it(), "RING_BUSY");
    holder.kill_and_wait();
    EXPECT_EQ(try_it(), "taken");
    std::filesystem::remove(root_.path() + "/held");
  }
}

TEST_F(OwnerLockTest, NamesItsHolderAndShowsAWildTextTamed) {
  const auto lock = OwnerLock::take(folder_.get(), root_.path());
  const auto second = OwnerLock::take(folder_.get(), root_.path());
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("process " + std::to_string(getpid()) + " on host "),
            std::string::npos);
  std::ofstream(root_.path() + "/lock") << "\x1b[2J" << std::string(10'000, 'x');
  const auto third = OwnerLock::take(folder_.get(), root_.path());
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().message.find('\x1b'), std::string::npos);
  EXPECT_LT(third.error().message.size(), 500u);
}

TEST_F(OwnerLockTest, NoticesThatItsFileWasRemoved) {
  const auto lock = OwnerLock::take(folder_.get(), root_.path());
  ASSERT_TRUE(lock);
  EXPECT_TRUE(lock->in_place(folder_.get()));
  std::filesystem::remove(root_.path() + "/lock");
  EXPECT_FALSE(lock->in_place(folder_.get()));
}

}  // namespace
}  // namespace camstream
