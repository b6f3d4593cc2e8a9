// A reader's way in through the ring's socket.
#pragma once

#include <array>
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

// `folder` is the ring's. Takes half a second at most.
Joined join_ring(int folder);

}  // namespace camstream
