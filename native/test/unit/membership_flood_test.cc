// Connections without end: whoever is honest gets in, and nothing of them is left.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "ring/membership.h"
#include "support/child.h"
#include "support/membership_rig.h"

namespace camstream {
namespace {

size_t open_descriptors() {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                                           std::filesystem::directory_iterator()));
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

}  // namespace
}  // namespace camstream
