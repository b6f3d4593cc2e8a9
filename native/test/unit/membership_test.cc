// Members who do as they like: nobody else may notice.
#include "ring/membership.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/child.h"
#include "support/membership_rig.h"

namespace camstream {
namespace {

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
