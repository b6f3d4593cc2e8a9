// Members who do as they like: nobody else may notice.
#include "ring/membership.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/futex.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "ring/join_ring.h"
#include "ring/ring_file.h"
#include "support/child.h"
#include "support/raw_member.h"
#include "support/ring_options.h"
#include "support/temporary_root.h"

namespace camstream {
namespace {

using namespace std::chrono_literals;

size_t open_descriptors() {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                                           std::filesystem::directory_iterator()));
}

class MembershipTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = RingHost::open(small_ring(root_.path()));
    ASSERT_TRUE(opened) << opened.error().message;
    host_ = std::move(*opened);
    folder_ = UniqueFd(open(root_.ring("camera").c_str(), O_PATH | O_CLOEXEC));
  }
  Joined join() {
    Joined joined = join_ring(folder_.get());
    EXPECT_EQ(joined.refusal, "");
    return joined;
  }
  void expect_members(uint32_t count) {
    EXPECT_TRUE(eventually([&] { return host_->status().members == count; })) << host_->status().members;
  }
  // An honest reader next to the others gets its frame, whole and in time.
  void expect_service() {
    auto file = RingFile::open(root_.path(), "camera");
    ASSERT_TRUE(file) << file.error().message;
    RingReader reader = (*file)->make_reader();
    for (int count = 0; count < 50; ++count) {
      const uint64_t sequence = publish_frame(*host_);
      ASSERT_NE(sequence, 0u);
      ASSERT_TRUE((*file)->wait(sequence - 1, 10s));
      auto frame = reader.newest(sequence - 1);
      ASSERT_TRUE(frame);
      EXPECT_EQ((*file)->memory().payload(frame->slot)[64 * 64 - 1], static_cast<uint8_t>(sequence));
      EXPECT_TRUE(reader.intact(*frame));
      reader.release(*frame);
    }
  }
  // Once that process has its threads.
  static void expect_threads(pid_t pid, long count) {
    const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
    EXPECT_TRUE(eventually([&] {
      std::error_code ignored;
      return std::distance(std::filesystem::directory_iterator(tasks, ignored), {}) > count;
    }));
  }
  // The middle of many: a slow moment of the machine is none of our business.
  uint64_t median_publish_ns() {
    std::vector<uint64_t> times;
    for (int count = 0; count < 200; ++count) {
      const uint64_t before_ns = monotonic_ns();
      publish_frame(*host_);
      times.push_back(monotonic_ns() - before_ns);
    }
    std::nth_element(times.begin(), times.begin() + 100, times.end());
    return times[100];
  }

  TemporaryRoot root_;
  std::unique_ptr<RingHost> host_;
  UniqueFd folder_;
};

TEST_F(MembershipTest, APageCannotBeShrunkGrownOrSealedFurther) {
  UniqueFd socket = connect_to(root_.ring("camera"));
  ASSERT_TRUE(socket);
  JoinReply reply{};
  iovec part{&reply, sizeof(reply)};
  alignas(cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))]{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  ASSERT_TRUE(eventually([&] { return recvmsg(socket.get(), &message, MSG_DONTWAIT) == sizeof(reply); }));
  ASSERT_EQ(CMSG_FIRSTHDR(&message)->cmsg_len, CMSG_LEN(2 * sizeof(int)));
  int descriptors[2];
  std::memcpy(descriptors, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(descriptors));
  const UniqueFd ring(descriptors[0]);
  const UniqueFd page(descriptors[1]);
  EXPECT_LT(ftruncate(page.get(), 0), 0);
  EXPECT_LT(ftruncate(page.get(), 8192), 0);
  EXPECT_LT(fcntl(page.get(), F_ADD_SEALS, F_SEAL_WRITE), 0);
  EXPECT_LT(ftruncate(ring.get(), 0), 0);
  EXPECT_EQ(fcntl(ring.get(), F_GETFL) & O_ACCMODE, O_RDONLY);
  // Holes may be punched; they read as zeros, and the writer goes on.
  EXPECT_EQ(fallocate(page.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096), 0);
  expect_service();
}

TEST_F(MembershipTest, RubbishOnTheSocketIsNotTaken) {
  const Joined joined = join();
  char rubbish[1000] = {1, 2, 3};
  EXPECT_LT(send(joined.socket.get(), rubbish, sizeof(rubbish), MSG_NOSIGNAL), 0);
  EXPECT_EQ(errno, EPIPE);
  // Faster than the producer can close its ear.
  for (int count = 0; count < 100; ++count) {
    const UniqueFd early = connect_to(root_.ring("camera"));
    if (early) send(early.get(), rubbish, sizeof(rubbish), MSG_NOSIGNAL);
  }
  expect_service();
  expect_members(1);
}

TEST_F(MembershipTest, AScribbledPageIsItsOwnersLossOnly) {
  const Joined joined = join();
  std::atomic<bool> stop = false;
  std::thread scribbling([&] {
    uint64_t value = 88172645463325252u;
    while (!stop) {
      for (uint32_t index = 0; index < kMaxQuota; ++index) {
        value ^= value << 13, value ^= value >> 7, value ^= value << 17;
        joined.lease.page()->words[index].store_relaxed(value);
      }
      joined.lease.page()->wake.store_relaxed(static_cast<uint32_t>(value));
    }
  });
  expect_service();
  stop = true;
  scribbling.join();
  // Words past the quota count for nothing, and one word holds one slot.
  for (uint32_t index = 0; index < kMaxQuota; ++index) {
    joined.lease.page()->words[index].store_relaxed(lease_word(7, index % host_->status().slot_count));
  }
  host_->tick();
  EXPECT_LE(host_->status().leased, 1u);
  expect_service();
}

TEST_F(MembershipTest, TenThousandConnectionsLeaveNothingBehind) {
  expect_service();
  expect_members(0);
  const size_t before = open_descriptors();
  const uint64_t quiet_ns = median_publish_ns();
  std::atomic<bool> stop = false;
  std::atomic<uint64_t> busy_ns = 0;
  std::thread writing([&] {
    while (!stop) busy_ns = std::max<uint64_t>(busy_ns, median_publish_ns());
  });
  for (int count = 0; count < 10'000; ++count) connect_to(root_.ring("camera"));
  stop = true;
  writing.join();
  std::printf("publish, median: quiet %lu ns, in a flood of connections %lu ns\n", quiet_ns, busy_ns.load());
  EXPECT_LT(busy_ns, 10 * quiet_ns + 1'000'000);
  expect_members(0);
  EXPECT_TRUE(eventually([&] { return open_descriptors() == before; }))
      << before << ' ' << open_descriptors();
  expect_service();
}

// Another user than the flood's, for whom a place is kept. He asks again when he is not answered in time.
TEST_F(MembershipTest, AFloodOfConnectionsKeepsNoOtherUserOut) {
  if (geteuid() != 0) GTEST_SKIP() << "no right to be another user";
  Child honest([&] {
    if (setresuid(65534, 65534, 65534) != 0) _exit(2);
    prctl(PR_SET_DUMPABLE, 1);  // else /proc/self is root's
    usleep(200'000);            // the flood is under way
    const bool in = eventually([&] {
      const Joined joined = join_ring(folder_.get());
      return joined.refusal.empty() && joined.quota > 0;
    });
    _exit(in ? 0 : 1);
  });
  std::atomic<bool> stop = false;
  std::atomic<uint64_t> connections = 0;
  std::vector<std::thread> flood;
  for (int count = 0; count < 4; ++count) {
    flood.emplace_back([&] {
      while (!stop) connections += connect_to(root_.ring("camera")) ? 1 : 0;
    });
  }
  const uint64_t begin_ns = monotonic_ns();
  int status = -1;
  ASSERT_EQ(waitpid(honest.pid(), &status, 0), honest.pid());
  honest.forget();
  std::printf("another user's join in a flood of %lu connections: %lu ms\n", connections.load(),
              (monotonic_ns() - begin_ns) / 1'000'000 - 200);
  stop = true;
  for (auto& thread : flood) thread.join();
  EXPECT_TRUE(WIFEXITED(status)) << status;
  EXPECT_EQ(WEXITSTATUS(status), 0);
  expect_members(0);
}

TEST_F(MembershipTest, TheConnectionPastTheLastDescriptorIsAnswered) {
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  UniqueFd first = connect_to(root_.ring("camera"));
  expect_members(1);
  UniqueFd second(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  rlimit few = before;
  few.rlim_cur = static_cast<rlim_t>(second.get()) + 1;
  // No descriptor is free below the limit any more.
  std::vector<UniqueFd> filling;
  while (true) {
    UniqueFd fd(open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!fd || fd.get() > second.get()) break;
    filling.push_back(std::move(fd));
  }
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = root_.ring("camera") + "/socket";
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  EXPECT_EQ(connect(second.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  JoinReply reply{};
  EXPECT_TRUE(
      eventually([&] { return recv(second.get(), &reply, sizeof(reply), MSG_DONTWAIT) == sizeof(reply); }));
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(reply.status, static_cast<uint32_t>(JoinRefusal::kNoMemory));
  filling.clear();
  second.reset();
  first.reset();
  expect_members(0);
  expect_service();
}

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

TEST_F(MembershipTest, ADeadMemberLeavesNoLease) {
  publish_frame(*host_);
  Child holder([&] {
    const auto file = RingFile::open(root_.path(), "camera");
    RingReader reader = (*file)->make_reader();
    const auto frame = reader.newest(0);
    while (frame) pause();
  });
  EXPECT_TRUE(eventually([&] { return host_->tick(), host_->status().leased == 1; }));
  holder.kill_and_wait();
  EXPECT_TRUE(eventually([&] { return host_->tick(), host_->status().leased == 0; }));
  expect_members(0);
  EXPECT_EQ(host_->status().revoked, 0u);
}

TEST_F(MembershipTest, AStoppedMemberIsRevokedAfterTheTimeoutAndNotBefore) {
  publish_frame(*host_);
  Child holder([&] {
    const auto file = RingFile::open(root_.path(), "camera");
    RingReader reader = (*file)->make_reader();
    const auto frame = reader.newest(0);
    if (frame) kill(getpid(), SIGSTOP);
    _exit(reader.intact(*frame) ? 1 : 0);  // it can find out
  });
  int status = 0;
  ASSERT_EQ(waitpid(holder.pid(), &status, WUNTRACED), holder.pid());
  ASSERT_TRUE(WIFSTOPPED(status));
  const uint64_t start_ns = monotonic_ns();
  while (host_->status().revoked == 0 && monotonic_ns() - start_ns < 20'000'000'000u) {
    ASSERT_NE(publish_frame(*host_), 0u);
    host_->tick();
    usleep(5'000);
  }
  EXPECT_EQ(host_->status().revoked, 1u);
  EXPECT_GE(monotonic_ns() - start_ns, 900'000'000u);
  for (uint32_t count = 0; count < 2 * host_->status().slot_count; ++count) publish_frame(*host_);
  kill(holder.pid(), SIGCONT);
  ASSERT_EQ(waitpid(holder.pid(), &status, 0), holder.pid());
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace camstream
