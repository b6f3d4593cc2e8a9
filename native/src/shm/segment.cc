#include "shm/segment.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

#include "base/block_signals.h"
#include "base/crash_point.h"
#include "base/retry_eintr.h"
#include "base/system_error.h"
#include "shm/mapped_by.h"
#include "shm/memory_budget.h"
#include "shm/user_group.h"

namespace camstream {
namespace {

using std::chrono::steady_clock;
constexpr auto kPatience = std::chrono::seconds(2);
constexpr auto kBetweenTries = std::chrono::milliseconds(50);

std::string mebibytes(uint64_t bytes) { return std::to_string((bytes + (1 << 20) - 1) >> 20) + " MiB"; }

// The tightest of the places that must have `bytes` and have not.
std::optional<MemoryBudget> short_of(uint64_t bytes, int fd, const std::string& path) {
  auto tightest = file_system_budget(fd, path);
  const auto cgroup = cgroup_budget();
  if (cgroup && (!tightest || cgroup->available < tightest->available)) tightest = cgroup;
  if (!tightest || tightest->available >= bytes) return std::nullopt;
  return tightest;
}

Error no_space(const SegmentRequest& request, const MemoryBudget& budget) {
  const auto holders = processes_mapping_removed(request.removed_path);
  std::string text = request.folder_path + " needs " + mebibytes(request.size);
  if (holders.empty()) {
    text += ", and as much again for a restart while a reader still holds the old ring: " +
            mebibytes(2 * request.size) + " in all";
  }
  text += ". There are " + mebibytes(budget.available) + " in " + budget.where + ". " + budget.remedy;
  if (!holders.empty()) {
    text += ", or end who still holds the ring before this one: " + describe(holders);
  } else {
    text += ", or make the ring smaller (fewer readers, a smaller picture)";
  }
  return {"RING_NO_SPACE", text + '.'};
}

// A ring that a reader still holds is the second ring of the two we count.
std::optional<Error> missing_space(const SegmentRequest& request, int fd) {
  auto budget = short_of(2 * request.size, fd, request.folder_path);
  if (budget && budget->available >= request.size &&
      !processes_mapping_removed(request.removed_path).empty()) {
    return std::nullopt;
  }
  if (budget) return no_space(request, *budget);
  return std::nullopt;
}

// A signal (a profiler's timer is enough) makes the allocation fail half-way, and tmpfs starts over.
int allocate(int fd, uint64_t size) {
  const BlockSignals quiet;
  return posix_fallocate(fd, 0, static_cast<off_t>(size));
}

Status allocate_patiently(const SegmentRequest& request, int fd) {
  const auto deadline = steady_clock::now() + kPatience;
  while (true) {
    std::optional<Error> failure = missing_space(request, fd);
    if (!failure) {
      const int number = allocate(fd, request.size);
      if (number == 0) return ok();
      if (number != ENOSPC) {
        return system_error("RING_SYSTEM", "cannot allocate " + request.folder_path, number);
      }
      if (ftruncate(fd, 0) < 0) return system_error("RING_SYSTEM", "cannot give back " + request.folder_path);
      const auto budget = file_system_budget(fd, request.folder_path);
      failure = no_space(request, budget.value_or(MemoryBudget{0, "the file system of " + request.folder_path,
                                                               "Enlarge it"}));
    }
    if (steady_clock::now() >= deadline) return *failure;
    std::this_thread::sleep_for(kBetweenTries);
  }
}

Status set_rights(const SegmentRequest& request, int fd) {
  if (request.group != kLeaveGroup && fchown(fd, static_cast<uid_t>(-1), request.group) < 0) {
    return system_error("RING_GROUP",
                        "cannot give the ring to the group \"" + group_name(request.group) + '"');
  }
  if (fchmod(fd, request.mode) < 0) {
    return system_error("RING_SYSTEM", "cannot set the mode of the ring's file");
  }
  return ok();
}

Result<Segment> build(const SegmentRequest& request, UniqueFd fd) {
  if (auto allocated = allocate_patiently(request, fd.get()); !allocated) return allocated.error();
  crash_point("half_built");
  if (auto set = set_rights(request, fd.get()); !set) return set.error();
  void* address = mmap(nullptr, request.size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd.get(), 0);
  if (address == MAP_FAILED) return system_error("RING_SYSTEM", "cannot map the ring");
  Mapping mapping(address, request.size);
  // A child that is no producer must not hold the memory; a core file has no use for old pictures.
  madvise(address, request.size, MADV_DONTFORK);
  madvise(address, request.size, MADV_DONTDUMP);
  return Segment{std::move(fd), std::move(mapping)};
}

}  // namespace

Result<Segment> create_segment(const SegmentRequest& request) {
  unlinkat(request.folder, request.name.c_str(), 0);
  const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  UniqueFd fd(retry_eintr([&] { return openat(request.folder, request.name.c_str(), flags, 0600); }));
  if (!fd) return system_error("RING_SYSTEM", "cannot make " + request.folder_path + '/' + request.name);
  auto segment = build(request, std::move(fd));
  if (!segment) unlinkat(request.folder, request.name.c_str(), 0);
  return segment;
}

}  // namespace camstream
