// A socket with somebody else behind it: whatever it answers, the reader goes on without a lease.
#include "ring/join_ring.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstring>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "support/process_facts.h"
#include "support/temporary_root.h"

namespace camstream {
namespace {

class JoinRingTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = UniqueFd(open(root_.path().c_str(), O_PATH | O_CLOEXEC));
    listener_ = UniqueFd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, (root_.path() + "/socket").c_str());
    ASSERT_EQ(bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    ASSERT_EQ(listen(listener_.get(), 1), 0);
  }

  // Joins a producer that answers with these bytes and descriptors.
  Joined answered(const void* bytes, size_t size, std::vector<int> descriptors = {}) {
    std::thread server([&] {
      const UniqueFd peer(accept(listener_.get(), nullptr, nullptr));
      iovec part{const_cast<void*>(bytes), size};
      alignas(cmsghdr) std::array<char, CMSG_SPACE(8 * sizeof(int))> control{};
      msghdr message{};
      message.msg_iov = &part;
      message.msg_iovlen = 1;
      if (!descriptors.empty()) {
        message.msg_control = control.data();
        message.msg_controllen = CMSG_SPACE(descriptors.size() * sizeof(int));
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
        std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size() * sizeof(int));
      }
      if (size > 0) sendmsg(peer.get(), &message, MSG_NOSIGNAL);
    });
    Joined joined = join_ring(folder_.get());
    server.join();
    return joined;
  }
  static JoinReply good_reply() {
    JoinReply reply{};
    std::memcpy(reply.magic, kMagic, sizeof(kMagic));
    reply.major = kMajor;
    reply.quota = 1;
    return reply;
  }

  TemporaryRoot root_;
  UniqueFd folder_;
  UniqueFd listener_;
};

TEST_F(JoinRingTest, RubbishIsNoMembership) {
  EXPECT_NE(answered("rubbish", 7).refusal, "");
  const std::vector<char> much(100'000, 'x');
  EXPECT_NE(answered(much.data(), much.size()).refusal, "");
  EXPECT_TRUE(answered("", 0).nobody_listens);
  JoinReply newer = good_reply();
  newer.major = kMajor + 1;
  EXPECT_NE(answered(&newer, sizeof(newer)).refusal.find("layout version"), std::string::npos);
}

TEST_F(JoinRingTest, RefusalsHaveTheirReasons) {
  JoinReply reply = good_reply();
  reply.status = static_cast<uint32_t>(JoinRefusal::kTooManyMembers);
  EXPECT_NE(answered(&reply, sizeof(reply)).refusal.find("64 members"), std::string::npos);
  reply.status = static_cast<uint32_t>(JoinRefusal::kTooManyForUser);
  EXPECT_NE(answered(&reply, sizeof(reply)).refusal.find("16 members"), std::string::npos);
  reply.status = static_cast<uint32_t>(JoinRefusal::kNoMemory);
  EXPECT_NE(answered(&reply, sizeof(reply)).refusal.find("memory"), std::string::npos);
  reply.status = 99;
  EXPECT_NE(answered(&reply, sizeof(reply)).refusal.find("99"), std::string::npos);
}

TEST_F(JoinRingTest, APageThatIsNoneIsNotMapped) {
  const JoinReply reply = good_reply();
  EXPECT_NE(answered(&reply, sizeof(reply)).refusal.find("no descriptors"), std::string::npos);
  const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  EXPECT_NE(answered(&reply, sizeof(reply), {null.get()}).refusal.find("no descriptors"), std::string::npos);
  EXPECT_NE(answered(&reply, sizeof(reply), {null.get(), null.get()}).refusal.find("seals"),
            std::string::npos);
  // Without seals the producer could cut the page off under the reader.
  const UniqueFd loose(memfd_create("loose", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  ASSERT_EQ(ftruncate(loose.get(), kLeasePageSize), 0);
  EXPECT_NE(answered(&reply, sizeof(reply), {null.get(), loose.get()}).refusal.find("seals"),
            std::string::npos);
}

TEST_F(JoinRingTest, NoDescriptorIsLeftOver) {
  const JoinReply reply = good_reply();
  const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  const uint64_t before = open_descriptors("self");
  for (int count = 0; count < 20; ++count) {
    answered(&reply, sizeof(reply), std::vector<int>(static_cast<size_t>(1 + count % 8), null.get()));
  }
  EXPECT_EQ(open_descriptors("self"), before);
}

TEST_F(JoinRingTest, ASilentProducerIsNotWaitedForLong) {
  const uint64_t start_ns = monotonic_ns();
  const Joined joined = join_ring(folder_.get());
  EXPECT_NE(joined.refusal.find("did not answer"), std::string::npos) << joined.refusal;
  EXPECT_FALSE(joined.nobody_listens);
  EXPECT_LT(monotonic_ns() - start_ns, 10u * 500'000'000u);
}

TEST_F(JoinRingTest, AnAttemptNeverBlocksAndIsAnsweredLate) {
  JoinAttempt attempt(folder_.get());
  const uint64_t start_ns = monotonic_ns();
  for (int count = 0; count < 100; ++count) EXPECT_FALSE(attempt.look());
  EXPECT_LT(monotonic_ns() - start_ns, kJoinPatienceNs);
  JoinReply reply = good_reply();
  reply.status = static_cast<uint32_t>(JoinRefusal::kTooManyForUser);
  const UniqueFd peer(accept(listener_.get(), nullptr, nullptr));
  ASSERT_EQ(send(peer.get(), &reply, sizeof(reply), MSG_NOSIGNAL), static_cast<ssize_t>(sizeof(reply)));
  attempt.wait(10'000);
  const auto joined = attempt.look();
  ASSERT_TRUE(joined);
  EXPECT_NE(joined->refusal.find("16 members"), std::string::npos) << joined->refusal;
}

// As when a listener's queue is full: the attempt knocks again and again, and blocks nobody.
TEST_F(JoinRingTest, AFullQueueIsKnockedAtAgain) {
  std::vector<UniqueFd> others;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, (root_.path() + "/socket").c_str());
  for (int number = 0; number != EAGAIN;) {
    UniqueFd other(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const auto* raw = reinterpret_cast<const sockaddr*>(&address);
    number = connect(other.get(), raw, sizeof(address)) == 0 ? 0 : errno;
    if (number == 0) others.push_back(std::move(other));
    ASSERT_LT(others.size(), 100u);
  }
  JoinAttempt attempt(folder_.get());
  EXPECT_FALSE(attempt.look());
  for (size_t count = 0; count < others.size(); ++count) {
    UniqueFd(accept(listener_.get(), nullptr, nullptr)).reset();
  }
  EXPECT_FALSE(attempt.look());  // connected, and waits for the answer
  UniqueFd(accept(listener_.get(), nullptr, nullptr)).reset();
  attempt.wait(10'000);
  const auto joined = attempt.look();
  ASSERT_TRUE(joined);
  EXPECT_TRUE(joined->nobody_listens);
}

TEST_F(JoinRingTest, ADeadSocketMeansThatTheProducerIsGone) {
  listener_.reset();
  EXPECT_TRUE(join_ring(folder_.get()).nobody_listens);
  unlink((root_.path() + "/socket").c_str());
  EXPECT_TRUE(join_ring(folder_.get()).nobody_listens);
}

}  // namespace
}  // namespace camstream
