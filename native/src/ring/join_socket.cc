#include "ring/join_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>

#include "base/system_error.h"
#include "shm/user_group.h"

namespace camstream {
namespace {

constexpr int kBacklog = 64;

// By way of /proc: the path of a socket has 107 characters at most, and a descriptor cannot be swapped.
sockaddr_un address_in(int folder, const char* name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(folder) + '/' + name;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

}  // namespace

Result<UniqueFd> listen_in(const RingClaim& claim) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return system_error("RING_SYSTEM", "cannot make the ring's socket");
  const sockaddr_un address = address_in(claim.folder(), "socket.new");
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) < 0) {
    return system_error("RING_SYSTEM", "cannot bind " + claim.path() + "/socket");
  }
  if (claim.group() != kLeaveGroup && fchownat(claim.folder(), "socket.new", static_cast<uid_t>(-1),
                                               claim.group(), AT_SYMLINK_NOFOLLOW) < 0) {
    return system_error("RING_GROUP",
                        "cannot give the ring's socket to the group \"" + group_name(claim.group()) + '"');
  }
  if (fchmodat(claim.folder(), "socket.new", claim.modes().socket, 0) < 0 ||
      listen(socket.get(), kBacklog) < 0 ||
      renameat(claim.folder(), "socket.new", claim.folder(), "socket") < 0) {
    return system_error("RING_SYSTEM", "cannot set up " + claim.path() + "/socket");
  }
  return socket;
}

}  // namespace camstream
