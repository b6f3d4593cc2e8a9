#include "shm/mapped_by.h"

#include <fstream>

#include "base/process_list.h"

namespace camstream {
namespace {

bool maps_removed(int process, const std::string& ending) {
  std::ifstream maps("/proc/" + std::to_string(process) + "/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.ends_with(ending)) return true;
  }
  return false;
}

}  // namespace

std::vector<MappingProcess> processes_mapping_removed(const std::string& path) {
  std::vector<MappingProcess> found;
  const std::string ending = ' ' + path + " (deleted)";
  for (const int pid : numbers_in("/proc")) {
    if (maps_removed(pid, ending)) found.push_back({pid, process_name(pid)});
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
