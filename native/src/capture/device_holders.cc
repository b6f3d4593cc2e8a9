#include "capture/device_holders.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cctype>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <vector>

namespace camstream {
namespace {

constexpr size_t kNamed = 4;

struct CloseDir {
  void operator()(DIR* folder) const { closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseDir>;

bool holds(const std::string& process, dev_t device, int except_fd) {
  const std::string path = "/proc/" + process + "/fd";
  const Folder folder(opendir(path.c_str()));
  if (!folder) return false;
  while (const dirent* entry = readdir(folder.get())) {
    if (!std::isdigit(static_cast<unsigned char>(entry->d_name[0]))) continue;
    struct stat file {};
    if (stat((path + "/" + entry->d_name).c_str(), &file) != 0 || !S_ISCHR(file.st_mode)) continue;
    if (file.st_rdev == device && std::atoi(entry->d_name) != except_fd) return true;
  }
  return false;
}

std::string name_of(const std::string& process) {
  std::ifstream file("/proc/" + process + "/comm");
  std::string name;
  std::getline(file, name);
  return name.empty() ? "a program" : name;
}

}  // namespace

std::string device_holders(dev_t device, int own_fd) {
  const Folder processes(opendir("/proc"));
  const std::string self = std::to_string(getpid());
  std::vector<std::string> found;
  while (processes && found.size() < kNamed) {
    const dirent* entry = readdir(processes.get());
    if (entry == nullptr) break;
    const std::string process = entry->d_name;
    if (!std::isdigit(static_cast<unsigned char>(process[0]))) continue;
    if (holds(process, device, process == self ? own_fd : -1)) {
      found.push_back(name_of(process) + " (process " + process + ")");
    }
  }
  if (found.empty()) return ", which runs as another user";
  std::string text = ": ";
  for (size_t index = 0; index < found.size(); ++index) text += (index ? ", " : "") + found[index];
  return text;
}

}  // namespace camstream
