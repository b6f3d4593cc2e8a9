#include "ring/membership.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/crash_point.h"
#include "base/retry_eintr.h"
#include "ring/frame_signal.h"

namespace camstream {
namespace {

// A flood of connections gets at most this much of our time: 32 every 20 ms.
constexpr uint32_t kAcceptsPerTurn = 32;
constexpr uint64_t kPauseNs = 20'000'000;

JoinReply reply_for(const MembershipOptions& options, JoinRefusal refusal) {
  JoinReply reply{};
  std::memcpy(reply.magic, kMagic, sizeof(kMagic));
  reply.major = kMajor;
  reply.minor = kMinor;
  reply.status = static_cast<uint32_t>(refusal);
  std::copy(options.ring_id.begin(), options.ring_id.end(), reply.ring_id);
  return reply;
}

// Never waits: somebody who does not take the one message is not let in.
bool send_reply(int socket, const JoinReply& reply, const int* descriptors, size_t count) {
  iovec part{const_cast<JoinReply*>(&reply), sizeof(reply)};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(2 * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (count > 0) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    std::memcpy(CMSG_DATA(header), descriptors, count * sizeof(int));
  }
  const auto sent = retry_eintr([&] { return sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL); });
  return sent == static_cast<ssize_t>(sizeof(reply));
}

UniqueFd open_reserve() { return UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC)); }

// An open file of its own for each member, so that they share not even a file position.
UniqueFd reopen_read_only(int ring) {
  return UniqueFd(open(("/proc/self/fd/" + std::to_string(ring)).c_str(), O_RDONLY | O_CLOEXEC));
}

}  // namespace

Membership::Membership(UniqueFd listener, int ring, RingCore& core, const MembershipOptions& options)
    : listener_(std::move(listener)),
      ring_(ring),
      core_(core),
      options_(options),
      leases_left_(options.lease_pool),
      reserve_(open_reserve()) {}

// The writer has stopped by now: nobody looks at the pages any more.
Membership::~Membership() {
  const std::lock_guard guard(core_.table_mutex);
  for (auto& session : sessions_) core_.table.remove(session->member);
}

void Membership::add_to(std::vector<pollfd>& polled, uint64_t now_ns) const {
  polled.push_back({now_ns < deaf_until_ns_ ? -1 : listener_.get(), POLLIN, 0});
  for (const auto& session : sessions_) {
    polled.push_back({session->socket.get(), 0, 0});  // POLLHUP comes unasked
  }
}

void Membership::react(const pollfd* polled, uint64_t now_ns) {
  const bool arrivals = (polled[0].revents & POLLIN) != 0;
  std::vector<std::unique_ptr<Session>> staying;
  staying.reserve(sessions_.size());
  for (size_t index = 0; index < sessions_.size(); ++index) {
    const bool gone = (polled[index + 1].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
    if (gone) {
      leave(std::move(sessions_[index]));
    } else {
      staying.push_back(std::move(sessions_[index]));
    }
  }
  sessions_ = std::move(staying);
  if (arrivals) accept_some(now_ns);
  count_members();
}

bool Membership::reclaim() {
  std::erase_if(leaving_, [this](const auto& session) { return core_.table.reclaimable(session->ticket); });
  return !leaving_.empty();
}

void Membership::wake_all() {
  for (auto& session : sessions_) wake_member(*session->memory.page());
}

void Membership::accept_some(uint64_t now_ns) {
  for (uint32_t count = 0; count < kAcceptsPerTurn; ++count) {
    UniqueFd socket = accept_one();
    if (!socket) return;
    admit(std::move(socket));
  }
  deaf_until_ns_ = now_ns + kPauseNs;
}

UniqueFd Membership::accept_one() {
  const auto accept_now = [this] {
    return retry_eintr(
        [this] { return accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK); });
  };
  UniqueFd socket(accept_now());
  if (socket || (errno != EMFILE && errno != ENFILE)) return socket;
  // Without this the connection would stay in the queue and poll() would never sleep again.
  reserve_.reset();
  socket.reset(accept_now());
  if (socket) refuse(socket.get(), JoinRefusal::kNoMemory);
  socket.reset();
  reserve_ = open_reserve();
  return socket;
}

void Membership::refuse(int socket, JoinRefusal refusal) const {
  send_reply(socket, reply_for(options_, refusal), nullptr, 0);
}

JoinRefusal Membership::refusal_for(uid_t user) const {
  if (sessions_.size() >= kMaxMembers) return JoinRefusal::kTooManyMembers;
  const auto same = std::count_if(sessions_.begin(), sessions_.end(),
                                  [user](const auto& session) { return session->user == user; });
  return same >= kMaxMembersPerUser ? JoinRefusal::kTooManyForUser : JoinRefusal::kNone;
}

void Membership::admit(UniqueFd socket) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) return;
  // Whatever a member sends fails at its own end and takes no memory at ours.
  shutdown(socket.get(), SHUT_RD);
  JoinRefusal refusal = refusal_for(peer.uid);
  auto page = refusal == JoinRefusal::kNone ? make_lease_page() : Error{};
  const UniqueFd ring = page ? reopen_read_only(ring_) : UniqueFd();
  if (refusal == JoinRefusal::kNone && (!page || !ring)) refusal = JoinRefusal::kNoMemory;
  if (refusal != JoinRefusal::kNone) return refuse(socket.get(), refusal);
  auto session = std::make_unique<Session>();
  session->socket = std::move(socket);
  session->user = peer.uid;
  session->visits = peer.pid != getpid();
  session->memory = std::move(*page);
  session->member.page = session->memory.page();
  session->member.quota = leases_left_ >= options_.quota ? options_.quota : 0;
  {
    // SYNC M1: in the table before the descriptors are out. Who is not in it has no leases.
    const std::lock_guard guard(core_.table_mutex);
    if (!core_.table.add(session->member)) refusal = JoinRefusal::kTooManyMembers;
  }
  if (refusal != JoinRefusal::kNone) return refuse(session->socket.get(), refusal);
  leases_left_ -= session->member.quota;
  JoinReply reply = reply_for(options_, JoinRefusal::kNone);
  reply.quota = session->member.quota;
  reply.member = static_cast<uint32_t>(sessions_.size());
  sessions_.push_back(std::move(session));
  count_members();
  const std::array<int, 2> descriptors{ring.get(), sessions_.back()->memory.fd.get()};
  if (!send_reply(sessions_.back()->socket.get(), reply, descriptors.data(), descriptors.size())) {
    leave(std::move(sessions_.back()));
    sessions_.pop_back();
    return;
  }
  crash_point("page_handed_over");
  sessions_.back()->memory.fd.reset();  // the mapping is enough
}

void Membership::leave(std::unique_ptr<Session> session) {
  leases_left_ += session->member.quota;
  session->socket.reset();
  {
    const std::lock_guard guard(core_.table_mutex);
    session->ticket = core_.table.remove(session->member);
  }
  leaving_.push_back(std::move(session));
}

void Membership::count_members() {
  core_.members.store_relaxed(static_cast<uint32_t>(sessions_.size()));
  const auto visitors = static_cast<uint32_t>(
      std::count_if(sessions_.begin(), sessions_.end(), [](const auto& session) { return session->visits; }));
  if (core_.visitors.load_relaxed() == visitors) return;
  core_.visitors.store_relaxed(visitors);
  if (core_.visitors_changed) core_.visitors_changed();
}

}  // namespace camstream
