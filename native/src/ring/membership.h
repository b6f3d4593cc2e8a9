// Readers joining and leaving: the ring's socket. All of it runs on the service thread.
//
// A member gets the ring itself (read-only) and a lease page of its own, and from then on nothing is
// read from it: its hanging up is the only message, and the kernel sends that for the dead as well.
#pragma once

#include <poll.h>
#include <sys/types.h>

#include <array>
#include <memory>
#include <vector>

#include "base/unique_fd.h"
#include "ring/lease_page.h"
#include "ring/ring_core.h"

namespace camstream {

struct MembershipOptions {
  uint32_t lease_pool = 0;  // leases promised to all members together
  uint32_t quota = 1;       // of them, to each
  std::array<uint8_t, 16> ring_id{};
};

class Membership {
 public:
  // `listener`: non-blocking, bound and listening. `ring`: any descriptor of the ring's file.
  Membership(UniqueFd listener, int ring, RingCore& core, const MembershipOptions& options);
  ~Membership();

  // What the service thread has to wait for, and what it does when that has happened. `polled` is what
  // add_to() appended, in the same order.
  void add_to(std::vector<pollfd>& polled, uint64_t now_ns) const;
  void react(const pollfd* polled, uint64_t now_ns);

  // Frees pages of those who left as soon as the writer is past them. True: some are still waiting.
  bool reclaim();

  // Outside the writer's order of waking: for a change of state.
  void wake_all();

 private:
  struct Session {
    UniqueFd socket;
    uid_t user = 0;
    bool visits = false;  // from another process
    LeasePageMemory memory;
    Member member;
    uint64_t ticket = 0;  // once it has left
  };

  void accept_some(uint64_t now_ns);
  void admit(UniqueFd socket);
  void refuse(int socket, JoinRefusal refusal) const;
  void leave(std::unique_ptr<Session> session);
  JoinRefusal refusal_for(uid_t user) const;
  UniqueFd accept_one();
  void count_members();

  UniqueFd listener_;
  int ring_;
  RingCore& core_;
  MembershipOptions options_;
  uint32_t leases_left_;
  UniqueFd reserve_;  // given up to answer a connection when there are no more descriptors
  uint64_t deaf_until_ns_ = 0;
  std::vector<std::unique_ptr<Session>> sessions_;
  std::vector<std::unique_ptr<Session>> leaving_;
};

}  // namespace camstream
