// A member that keeps to no rules: the protocol by hand, and then anything.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <string>

#include "base/unique_fd.h"

namespace camstream {

// Connected to the ring's socket, or none. Does not wait for room in the queue of connections.
inline UniqueFd connect_to(const std::string& ring_folder) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = ring_folder + "/socket";
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) < 0) return {};
  return socket;
}

}  // namespace camstream
