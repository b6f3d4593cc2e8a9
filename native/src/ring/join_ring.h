// A reader's way in through the ring's socket.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "base/unique_fd.h"
#include "ring/lease_page.h"

namespace camstream {

// What a member has. `refusal` tells why there is none of it.
struct Joined {
  UniqueFd socket;  // open for as long as we are a member
  UniqueFd ring;    // read-only; the path could lead to another ring by now
  LeasePageMemory lease;
  std::array<uint8_t, 16> ring_id{};
  uint32_t quota = 0;

  std::string refusal;
  bool nobody_listens = false;  // the producer is gone
};

Joined join_refused(std::string why);

// One attempt to become a member. Only wait() blocks.
class JoinAttempt {
 public:
  explicit JoinAttempt(int folder) : folder_(folder) {}  // the ring's; stays the caller's

  // Knocks, or looks for the answer. Nullopt: there is none yet.
  std::optional<Joined> look();
  // Until look() is worth calling again, or until the timeout.
  void wait(uint32_t timeout_ms) const;

 private:
  int folder_;
  UniqueFd socket_;
  bool connected_ = false;
};

// One attempt that is waited for, half a second at most.
constexpr uint64_t kJoinPatienceNs = 500'000'000;
Joined join_ring(int folder);

}  // namespace camstream
