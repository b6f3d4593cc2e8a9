#include "ring/retire_ring.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/retry_eintr.h"
#include "base/unique_fd.h"
#include "ring/frame_signal.h"
#include "shm/mapping.h"

namespace camstream {
namespace {

void say_closed(int fd) {
  struct stat info {};
  if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode) || info.st_size < off_t{kHeaderSize}) return;
  // By pwrite: writing through a mapping would be a SIGBUS if the file were cut off meanwhile.
  const auto closed = static_cast<uint32_t>(RingState::kClosed);
  if (pwrite(fd, &closed, sizeof(closed), kLiveOffset + offsetof(RingLive, state)) != sizeof(closed)) return;
  void* address = mmap(nullptr, kHeaderSize, PROT_READ, MAP_SHARED, fd, 0);
  if (address == MAP_FAILED) return;
  const Mapping mapping(address, kHeaderSize);
  // Nobody counts the word up: who goes to sleep just now wakes by its own time limit.
  futex_wake(reinterpret_cast<RingLive*>(mapping.data() + kLiveOffset)->wake, INT_MAX);
}

}  // namespace

void retire_ring(int folder) {
  const UniqueFd old(
      retry_eintr([&] { return openat(folder, "ring", O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC); }));
  if (old) say_closed(old.get());
  for (const char* name : {"ring", "ring.new", "socket", "socket.new"}) unlinkat(folder, name, 0);
}

}  // namespace camstream
