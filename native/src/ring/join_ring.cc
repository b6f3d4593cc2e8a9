#include "ring/join_ring.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>

#include "base/clock.h"
#include "base/retry_eintr.h"
#include "base/system_error.h"

namespace camstream {
namespace {

constexpr uint32_t kBetweenTriesMs = 5;

std::string words_for(uint32_t refusal) {
  switch (static_cast<JoinRefusal>(refusal)) {
    case JoinRefusal::kTooManyMembers:
      return "the ring has " + std::to_string(kMaxMembers) + " members already";
    case JoinRefusal::kTooManyForUser:
      return "this user has " + std::to_string(kMaxMembersPerUser) + " members already";
    case JoinRefusal::kNoMemory:
      return "the producer has no descriptors or memory left";
    case JoinRefusal::kNone:
      break;
  }
  return "the producer refused (" + std::to_string(refusal) + ')';
}

struct Received {
  ssize_t size = -1;
  JoinReply reply{};
  UniqueFd ring;
  UniqueFd page;
};

Received receive(int socket) {
  Received received;
  iovec part{&received.reply, sizeof(received.reply)};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(2 * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  received.size = retry_eintr([&] { return recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC); });
  if (received.size < 0) return received;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    std::array<int, 2> descriptors{-1, -1};
    std::memcpy(descriptors.data(), CMSG_DATA(header),
                std::min(header->cmsg_len - CMSG_LEN(0), sizeof(descriptors)));
    received.ring.reset(descriptors[0]);
    received.page.reset(descriptors[1]);
  }
  return received;
}

Joined joined_from(UniqueFd socket, Received received) {
  if (received.size <= 0) {  // also ECONNRESET: it went while we stood in its queue
    Joined joined = join_refused("the producer hung up");
    joined.nobody_listens = true;
    return joined;
  }
  const JoinReply& reply = received.reply;
  if (received.size != sizeof(reply) || std::memcmp(reply.magic, kMagic, sizeof(kMagic)) != 0 ||
      reply.major != kMajor) {
    return join_refused("the producer's answer is not of layout version " + std::to_string(kMajor));
  }
  if (reply.status != 0) return join_refused(words_for(reply.status));
  if (!received.ring || !received.page) return join_refused("no descriptors came with the producer's answer");
  auto lease = map_lease_page(std::move(received.page));
  if (!lease) return join_refused(lease.error().message);
  Joined joined;
  joined.socket = std::move(socket);
  joined.ring = std::move(received.ring);
  joined.lease = std::move(*lease);
  joined.lease.fd.reset();
  std::copy(std::begin(reply.ring_id), std::end(reply.ring_id), joined.ring_id.begin());
  joined.quota = std::min(reply.quota, kMaxQuota);
  return joined;
}

// 0, or errno; EAGAIN: the queue of connections is full.
int knock(int socket, int folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(folder) + "/socket";
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const auto* raw = reinterpret_cast<const sockaddr*>(&address);
  return retry_eintr([&] { return connect(socket, raw, sizeof(address)); }) == 0 ? 0 : errno;
}

}  // namespace

Joined join_refused(std::string why) {
  Joined joined;
  joined.refusal = std::move(why);
  return joined;
}

std::optional<Joined> JoinAttempt::look() {
  if (!socket_) socket_ = UniqueFd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket_) return join_refused("cannot make a socket: " + errno_text(errno));
  if (!connected_) {
    const int number = knock(socket_.get(), folder_);
    if (number == EAGAIN) return std::nullopt;
    if (number != 0) {
      Joined joined = join_refused("cannot connect to the ring's socket: " + errno_text(number));
      joined.nobody_listens = number == ECONNREFUSED || number == ENOENT;
      return joined;
    }
    connected_ = true;
  }
  Received received = receive(socket_.get());
  if (received.size < 0 && errno == EAGAIN) return std::nullopt;
  return joined_from(std::move(socket_), std::move(received));
}

void JoinAttempt::wait(uint32_t timeout_ms) const {
  if (!connected_) {
    usleep(std::min(timeout_ms, kBetweenTriesMs) * 1000);
    return;
  }
  pollfd waiting{socket_.get(), POLLIN, 0};
  poll(&waiting, 1, static_cast<int>(timeout_ms));
}

Joined join_ring(int folder) {
  const uint64_t deadline_ns = monotonic_ns() + kJoinPatienceNs;
  JoinAttempt attempt(folder);
  while (true) {
    if (auto answer = attempt.look()) return std::move(*answer);
    const uint64_t now_ns = monotonic_ns();
    if (now_ns >= deadline_ns) return join_refused("the producer did not answer within 500 ms");
    attempt.wait(static_cast<uint32_t>((deadline_ns - now_ns) / 1'000'000) + 1);
  }
}

}  // namespace camstream
