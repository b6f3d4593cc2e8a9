#include "ring/ring_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/clock.h"
#include "base/relax_processor.h"
#include "base/retry_eintr.h"
#include "base/system_error.h"
#include "ring/frame_signal.h"
#include "ring/ring_check.h"
#include "ring/ring_plan.h"
#include "shm/ring_folder.h"

namespace camstream {
namespace {

// So long may a killed producer, or a word nobody counts up, go unnoticed.
constexpr uint64_t kLongestSleepNs = 100'000'000;

Result<UniqueFd> open_by_path(const RingFolder& folder, const std::string& path) {
  const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  UniqueFd fd(retry_eintr([&] { return openat(folder.fd.get(), "ring", flags); }));
  if (fd) return fd;
  const int number = errno;
  if (number == ENOENT) return Error{"RING_NOT_FOUND", "there is no " + path + ". Is its producer running?"};
  if (number == ELOOP) return Error{"RING_ROOT_UNTRUSTED", path + " is a link. Remove it."};
  struct stat info {};
  // The file if we may look at it, else the folder, which then is what keeps us out.
  if (number == EACCES && (fstatat(folder.fd.get(), "ring", &info, AT_SYMLINK_NOFOLLOW) == 0 ||
                           fstat(folder.fd.get(), &info) == 0)) {
    return permission_error(path, info.st_gid);
  }
  return system_error("RING_SYSTEM", "cannot open " + path, number);
}

Result<struct stat> look_at(int fd, uid_t owner, const std::string& path) {
  struct stat info {};
  if (fstat(fd, &info) < 0) return system_error("RING_SYSTEM", "cannot look at " + path);
  if (!S_ISREG(info.st_mode)) return Error{"RING_CORRUPT", path + " is no regular file. Remove it."};
  if (info.st_uid == owner) return info;
  return Error{"RING_ROOT_UNTRUSTED", path + " belongs to user " + std::to_string(info.st_uid) +
                                          ", its folder to user " + std::to_string(owner) + ". Remove it."};
}

Result<RingGeometry> read_header(int fd, const struct stat& info, const std::string& path) {
  std::vector<uint8_t> bytes(kHeaderSize);
  const ssize_t count = retry_eintr([&] { return pread(fd, bytes.data(), bytes.size(), 0); });
  if (count < 0) return system_error("RING_SYSTEM", "cannot read " + path);
  return check_ring_header(bytes.data(), static_cast<size_t>(count), static_cast<uint64_t>(info.st_size),
                           path);
}

}  // namespace

Result<std::unique_ptr<RingFile>> RingFile::open(const std::string& root, const std::string& name,
                                                 const RingFileOptions& options) {
  auto folder = open_ring_folder(root, name);
  if (!folder) return folder.error();
  std::unique_ptr<RingFile> file(new RingFile());
  file->path_ = folder->path + "/ring";
  if (options.join) file->joined_ = join_ring(folder->fd.get());
  if (file->joined_.ring) {
    file->fd_ = std::move(file->joined_.ring);
  } else {
    auto fd = open_by_path(*folder, file->path_);
    if (!fd) return fd.error();
    file->fd_ = std::move(*fd);
  }
  file->folder_ = std::move(folder->fd);
  auto info = look_at(file->fd_.get(), folder->owner, file->path_);
  if (!info) return info.error();
  file->device_ = info->st_dev;
  file->inode_ = info->st_ino;
  auto geometry = read_header(file->fd_.get(), *info, file->path_);
  if (!geometry) return geometry.error();
  file->geometry_ = *geometry;
  const auto& joined_id = file->joined_.ring_id;
  if (file->registered() && !std::equal(joined_id.begin(), joined_id.end(), geometry->ring_id)) {
    return Error{"RING_CORRUPT",
                 file->path_ + ": the producer handed over another ring than it said. Restart it."};
  }
  if (auto mapped = file->map(options); !mapped) return mapped.error();
  if (file->state() == RingState::kClosed) {
    return Error{"RING_NOT_FOUND",
                 file->path_ + " was closed by its producer just now. Is another one starting?"};
  }
  return file;
}

Status RingFile::map(const RingFileOptions& options) {
  const size_t size = options.map_payload ? geometry_.file_size : geometry_.data_offset;
  void* address = mmap(nullptr, size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd_.get(), 0);
  if (address == MAP_FAILED) return system_error("RING_SYSTEM", "cannot map " + path_);
  mapping_ = Mapping(address, size);
  memory_ = ring_memory(mapping_.data(), geometry_);
  if (!options.map_payload) memory_.data = nullptr;
  return ok();
}

bool RingFile::registered() const {
  const std::lock_guard lock(joined_mutex_);
  return static_cast<bool>(joined_.socket);
}

uint32_t RingFile::quota() const {
  const std::lock_guard lock(joined_mutex_);
  return joined_.quota;
}

std::string RingFile::refusal() const {
  const std::lock_guard lock(joined_mutex_);
  return joined_.refusal;
}

LeasePage* RingFile::page() const {
  const std::lock_guard lock(joined_mutex_);
  return joined_.lease.page();
}

void RingFile::adopt(Joined joined) {
  if (joined.socket && !std::equal(joined.ring_id.begin(), joined.ring_id.end(), geometry_.ring_id)) {
    joined = join_refused("another ring has taken this one's place");
  }
  joined.ring.reset();  // the same file as fd()
  const std::lock_guard lock(joined_mutex_);
  joined_ = std::move(joined);
}

RingReader RingFile::make_reader() {
  const std::lock_guard lock(joined_mutex_);
  return RingReader(memory_, joined_.lease.page(), joined_.quota);
}

bool RingFile::wait(uint64_t after, std::chrono::nanoseconds timeout) {
  const uint64_t deadline_ns = monotonic_ns() + static_cast<uint64_t>(timeout.count());
  while (true) {
    const LeasePage* page = this->page();  // which may come while we sleep on the word that all share
    const Atomic<uint32_t>& word = page != nullptr ? page->wake : memory_.live->wake;
    const uint32_t seen = wake_seen(word);
    if (interrupted_.load_relaxed() != 0) {
      interrupted_.store_relaxed(0);
      return false;
    }
    const uint64_t head = memory_.live->head.load_acquire<Sync::kReaderHead>();
    if (head_sequence(head) > after) return true;
    const uint64_t now_ns = monotonic_ns();
    if (now_ns >= deadline_ns || state() == RingState::kClosed || peer_gone()) return false;
    futex_wait(word, seen, std::min(deadline_ns - now_ns, kLongestSleepNs));
  }
}

bool RingFile::watch(uint64_t after, std::chrono::nanoseconds timeout) const {
  constexpr int kLooksAtOnce = 64;  // between two looks at the clock
  const uint64_t deadline_ns = monotonic_ns() + static_cast<uint64_t>(timeout.count());
  do {
    for (int look = 0; look < kLooksAtOnce; ++look) {
      const uint64_t head = memory_.live->head.load_acquire<Sync::kReaderHead>();
      if (head_sequence(head) > after) return true;
      relax_processor();
    }
  } while (interrupted_.load_relaxed() == 0 && monotonic_ns() < deadline_ns);
  return false;
}

void RingFile::interrupt() {
  interrupted_.store_relaxed(1);
  if (LeasePage* page = this->page()) {
    wake_member(*page);
  } else {
    futex_wake(memory_.live->wake, INT_MAX);  // wakes others in vain, who go to sleep again
  }
}

RingState RingFile::state() const { return static_cast<RingState>(memory_.live->state.load_relaxed()); }

uint64_t RingFile::heartbeat_age_ns() const {
  const uint64_t beat_ns = memory_.live->heartbeat_ns.load_relaxed();
  const uint64_t now_ns = monotonic_ns();
  return now_ns > beat_ns ? now_ns - beat_ns : 0;
}

bool RingFile::peer_gone() const {
  const std::lock_guard lock(joined_mutex_);
  if (!joined_.socket) return joined_.nobody_listens;
  pollfd socket{joined_.socket.get(), 0, 0};
  return poll(&socket, 1, 0) > 0 && (socket.revents & (POLLHUP | POLLERR)) != 0;
}

bool RingFile::path_replaced() const {
  struct stat info {};
  return lstat(path_.c_str(), &info) < 0 || info.st_dev != device_ || info.st_ino != inode_;
}

}  // namespace camstream
