#include "shm/memory_budget.h"

#include <sys/statvfs.h>

#include <fstream>

namespace camstream {
namespace {

constexpr uint64_t kUnlimited = uint64_t{1} << 60;  // version 1 writes a huge number for "none"

// The names that the two versions have for the same things.
struct CgroupFiles {
  const char* limit;
  const char* usage;
  const char* active_file;
  const char* inactive_file;
};
constexpr CgroupFiles kVersion2{"memory.max", "memory.current", "active_file", "inactive_file"};
constexpr CgroupFiles kVersion1{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_active_file",
                                "total_inactive_file"};

// "max" and whatever is no number: nullopt.
std::optional<uint64_t> read_number(const std::string& path) {
  std::ifstream file(path);
  uint64_t number = 0;
  if (!(file >> number)) return std::nullopt;
  return number;
}

// Page cache counts as used but gives way.
uint64_t reclaimable(const std::string& path, const CgroupFiles& files) {
  std::ifstream file(path);
  uint64_t sum = 0;
  uint64_t value = 0;
  for (std::string name; file >> name >> value;) {
    if (name == files.active_file || name == files.inactive_file) sum += value;
  }
  return sum;
}

// Looks at `group` and every group above it. In a container the path may be the host's and not there;
// the mount's own root then is our group.
std::optional<MemoryBudget> tightest(const std::string& mount, std::string group, const CgroupFiles& files) {
  std::optional<MemoryBudget> best;
  while (true) {
    const std::string folder = mount + (group == "/" ? "" : group) + '/';
    const auto limit = read_number(folder + files.limit);
    const auto usage = read_number(folder + files.usage);
    if (limit && usage && *limit < kUnlimited) {
      const uint64_t cache = reclaimable(folder + "memory.stat", files);
      const uint64_t used = *usage > cache ? *usage - cache : 0;
      const uint64_t available = *limit > used ? *limit - used : 0;
      if (!best || available < best->available) {
        best = MemoryBudget{available, "the memory limit of the cgroup " + group,
                            "Raise it (MemoryMax= of the systemd unit, docker run --memory)"};
      }
    }
    if (group.size() <= 1) return best;
    group.resize(group.rfind('/'));
    if (group.empty()) group = "/";
  }
}

}  // namespace

std::optional<MemoryBudget> file_system_budget(int fd, const std::string& path) {
  struct statvfs info {};
  if (fstatvfs(fd, &info) < 0 || info.f_blocks == 0) return std::nullopt;
  return MemoryBudget{uint64_t{info.f_bavail} * info.f_frsize, "the file system of " + path,
                      "Enlarge it (mount -o remount,size=..., docker run --shm-size)"};
}

std::optional<MemoryBudget> cgroup_budget(const CgroupPaths& paths) {
  std::ifstream membership(paths.membership);
  std::optional<MemoryBudget> best;
  // "0::/path" is version 2; "N:memory,...:/path" is version 1.
  for (std::string line; std::getline(membership, line);) {
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = ',' + line.substr(first + 1, second - first - 1) + ',';
    const std::string group = line.substr(second + 1);
    std::optional<MemoryBudget> found;
    if (controllers == ",,") found = tightest(paths.version2, group, kVersion2);
    if (controllers.find(",memory,") != std::string::npos) found = tightest(paths.version1, group, kVersion1);
    if (found && (!best || found->available < best->available)) best = found;
  }
  return best;
}

}  // namespace camstream
