// How much more shared memory there is for us, asked before it is taken: past the limit of a cgroup
// there is no error, only the kernel's killer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace camstream {

struct MemoryBudget {
  uint64_t available = 0;
  std::string where;   // "the file system of /dev/shm/x", "the memory limit of the cgroup /system.slice/x"
  std::string remedy;  // what raises it
};

// The file system that `fd` lies on; nullopt if it has no limit of its own.
std::optional<MemoryBudget> file_system_budget(int fd, const std::string& path);

struct CgroupPaths {
  std::string membership = "/proc/self/cgroup";
  std::string version2 = "/sys/fs/cgroup";
  std::string version1 = "/sys/fs/cgroup/memory";
};
// The tightest limit of our cgroup and those above it, version 2 or 1; nullopt if there is none.
std::optional<MemoryBudget> cgroup_budget(const CgroupPaths& paths = {});

}  // namespace camstream
