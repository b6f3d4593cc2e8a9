#include "shm/owner_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "base/retry_eintr.h"
#include "base/system_error.h"

namespace camstream {
namespace {

constexpr const char* kName = "lock";

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// "process 4711 on host cam": for people only, the lock itself is flock.
std::string holder(int fd) {
  std::array<char, 128> text{};
  const ssize_t size = pread(fd, text.data(), text.size() - 1, 0);
  std::string found(text.data(), size > 0 ? static_cast<size_t>(size) : 0);
  while (!found.empty() && found.back() == '\n') found.pop_back();
  for (char& c : found) {
    if (c < ' ' || c > '~') c = '?';
  }
  return found.empty() ? "another process" : "process " + found;
}

Status write_holder(int fd) {
  std::array<char, 65> host{};
  gethostname(host.data(), host.size() - 1);
  const std::string text = std::to_string(getpid()) + " on host " + host.data() + '\n';
  if (ftruncate(fd, 0) < 0 || pwrite(fd, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return system_error("RING_SYSTEM", "cannot write into the ring's lock file");
  }
  return ok();
}

}  // namespace

Result<OwnerLock> OwnerLock::take(int folder, const std::string& folder_path) {
  const std::string path = folder_path + '/' + kName;
  const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
  UniqueFd fd(retry_eintr([&] { return openat(folder, kName, flags, 0600); }));
  if (!fd) {
    const int number = errno;
    const std::string what = "cannot open " + path;
    return system_error(number == EACCES || number == EPERM ? "RING_PERMISSION" : "RING_SYSTEM", what,
                        number);
  }
  if (retry_eintr([&] { return flock(fd.get(), LOCK_EX | LOCK_NB); }) < 0) {
    if (errno != EWOULDBLOCK) return system_error("RING_SYSTEM", "cannot lock " + path);
    return Error{"RING_BUSY", folder_path + " has a producer already: " + holder(fd.get()) +
                                  ". Stop it, or give this ring another name."};
  }
  OwnerLock lock(std::move(fd));
  // Somebody removed the file between the two calls: what we hold protects nothing.
  if (!lock.in_place(folder)) {
    return Error{"RING_BUSY", path + " was replaced while we locked it. Nobody may remove it; start again."};
  }
  if (auto written = write_holder(lock.fd_.get()); !written) return written.error();
  return lock;
}

bool OwnerLock::in_place(int folder) const {
  struct stat held {};
  struct stat found {};
  return fstat(fd_.get(), &held) == 0 && fstatat(folder, kName, &found, AT_SYMLINK_NOFOLLOW) == 0 &&
         same_file(held, found);
}

}  // namespace camstream
