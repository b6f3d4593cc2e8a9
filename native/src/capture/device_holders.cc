#include "capture/device_holders.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/process_list.h"

namespace camstream {
namespace {

constexpr size_t kNamed = 4;

bool holds(int process, dev_t device, int except_fd) {
  const std::string folder = "/proc/" + std::to_string(process) + "/fd";
  for (const int fd : numbers_in(folder)) {
    struct stat file {};
    if (stat((folder + "/" + std::to_string(fd)).c_str(), &file) != 0 || !S_ISCHR(file.st_mode)) continue;
    if (file.st_rdev == device && fd != except_fd) return true;
  }
  return false;
}

}  // namespace

std::vector<DeviceHolder> holders_of(dev_t device, int own_fd) {
  std::vector<DeviceHolder> found;
  for (const int process : numbers_in("/proc")) {
    if (holds(process, device, process == getpid() ? own_fd : -1)) {
      found.push_back({process, process_name(process)});
    }
  }
  return found;
}

std::string device_holders(dev_t device, int own_fd) {
  const std::vector<DeviceHolder> found = holders_of(device, own_fd);
  if (found.empty()) return ", which runs as another user";
  std::string text;
  for (size_t index = 0; index < std::min(found.size(), kNamed); ++index) {
    const DeviceHolder& holder = found[index];
    text += (index ? ", " : ": ") + holder.program + " (process " + std::to_string(holder.process) + ")";
  }
  return text;
}

}  // namespace camstream
