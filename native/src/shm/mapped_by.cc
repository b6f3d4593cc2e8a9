#include "shm/mapped_by.h"

#include <dirent.h>

#include <cstdlib>
#include <fstream>
#include <memory>

namespace camstream {
namespace {

bool maps_removed(const std::string& process, const std::string& ending) {
  std::ifstream maps("/proc/" + process + "/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.ends_with(ending)) return true;
  }
  return false;
}

std::string command_of(const std::string& process) {
  std::string command;
  std::ifstream comm("/proc/" + process + "/comm");
  std::getline(comm, command);
  return command;
}

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

}  // namespace

std::vector<MappingProcess> processes_mapping_removed(const std::string& path) {
  std::vector<MappingProcess> found;
  const std::unique_ptr<DIR, CloseDirectory> proc(opendir("/proc"));
  if (!proc) return found;
  const std::string ending = ' ' + path + " (deleted)";
  while (const dirent* entry = readdir(proc.get())) {
    const int pid = std::atoi(entry->d_name);
    if (pid > 0 && maps_removed(entry->d_name, ending)) found.push_back({pid, command_of(entry->d_name)});
  }
  return found;
}

std::string describe(const std::vector<MappingProcess>& processes) {
  std::string text;
  for (const auto& process : processes) {
    if (!text.empty()) text += ", ";
    text += "process " + std::to_string(process.pid) + " (" + process.command + ')';
  }
  return text;
}

}  // namespace camstream
