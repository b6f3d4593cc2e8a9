// Sleepers on the words that wake members: the writer does not wait for them.
#include <gtest/gtest.h>
#include <linux/futex.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <atomic>
#include <climits>
#include <cstdio>
#include <thread>

#include "support/child.h"
#include "support/membership_rig.h"

namespace camstream {
namespace {

using namespace std::chrono_literals;

// Whatever hangs on a member's own word, the writer wakes one and goes on.
TEST_F(MembershipTest, FutexGamesOfAMemberDoNotHoldUpTheWriter) {
  if (!kThreadsInAChild) GTEST_SKIP() << "the child of this test has threads";
  const uint64_t quiet_ns = median_publish_ns();
  Child player([&] {
    setpriority(PRIO_PROCESS, 0, 19);
    const Joined joined = join_ring(folder_.get());
    auto* word = reinterpret_cast<uint32_t*>(&joined.lease.page()->wake);
    std::vector<std::thread> parked;
    for (int count = 0; count < 1000; ++count) {
      parked.emplace_back([&] {
        while (true) syscall(SYS_futex, word, FUTEX_WAIT, *word, nullptr, nullptr, 0);
      });
    }
    uint32_t elsewhere = 0;
    while (true) {
      syscall(SYS_futex, word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
      syscall(SYS_futex, word, FUTEX_REQUEUE, 0, 10, &elsewhere, 0);
      syscall(SYS_futex, &elsewhere, FUTEX_REQUEUE, 0, 10, word, 0);
      usleep(100);
    }
  });
  expect_members(1);
  expect_threads(player.pid(), 1000);
  const uint64_t busy_ns = median_publish_ns();
  std::printf("publish, median: quiet %lu ns, with futex games on a member's word %lu ns\n", quiet_ns,
              busy_ns);
  EXPECT_LT(busy_ns, 10 * quiet_ns + 1'000'000);
  expect_service();
}

// On the shared word anybody may park threads: those are woken by the service thread.
TEST_F(MembershipTest, AThousandSleepersOnTheSharedWordDoNotHoldUpTheWriter) {
  if (!kThreadsInAChild) GTEST_SKIP() << "the child of this test has threads";
  const uint64_t quiet_ns = median_publish_ns();
  Child player([&] {
    setpriority(PRIO_PROCESS, 0, 19);
    const auto file = RingFile::open(root_.path(), "camera", {.join = false});
    const auto* word = reinterpret_cast<const uint32_t*>(&(*file)->memory().live->wake);
    std::vector<std::thread> parked;
    for (int count = 0; count < 1000; ++count) {
      parked.emplace_back([&] {
        while (true) syscall(SYS_futex, word, FUTEX_WAIT, *word, nullptr, nullptr, 0);
      });
    }
    pause();
  });
  expect_threads(player.pid(), 1000);
  const uint64_t busy_ns = median_publish_ns();
  std::printf("publish, median: quiet %lu ns, with 1000 sleepers on the shared word %lu ns\n", quiet_ns,
              busy_ns);
  EXPECT_LT(busy_ns, 10 * quiet_ns + 1'000'000);
  player.kill_and_wait();
  expect_service();
}

// Who can map the ring can move sleepers of the shared word elsewhere, where no wake-up finds them, and wake
// without end. They look for themselves ten times a second.
TEST_F(MembershipTest, SleepersOnTheSharedWordThatAreMovedAwayGetTheirFrames) {
  Child player([&] {
    const auto file = RingFile::open(root_.path(), "camera", {.join = false});
    const auto* word = reinterpret_cast<const uint32_t*>(&(*file)->memory().live->wake);
    uint32_t elsewhere = 0;
    while (true) {
      for (int count = 0; count < 100; ++count) {
        syscall(SYS_futex, word, FUTEX_REQUEUE, 0, INT_MAX, &elsewhere, 0);
        usleep(100);
      }
      syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
    }
  });
  const auto file = RingFile::open(root_.path(), "camera", {.join = false});
  ASSERT_TRUE(file) << file.error().message;
  RingReader reader = (*file)->make_reader();
  uint64_t longest_ns = 0;
  for (int count = 0; count < 20; ++count) {
    const uint64_t last = host_->status().published;
    std::atomic<uint64_t> published_ns = 0;
    std::thread writer([&] {
      usleep(30'000);  // the reader sleeps and has been moved
      published_ns = monotonic_ns();
      publish_frame(*host_);
    });
    EXPECT_TRUE((*file)->wait(last, 10s));
    const uint64_t got_ns = monotonic_ns();
    writer.join();
    ASSERT_TRUE(reader.newest(last));
    longest_ns = std::max(longest_ns, got_ns - published_ns);
  }
  std::printf("longest wait of a sleeper that is moved away: %lu ms\n", longest_ns / 1'000'000);
  EXPECT_LT(longest_ns, 1'000'000'000u);  // ten times the look
}

}  // namespace
}  // namespace camstream
