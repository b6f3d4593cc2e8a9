#include "base/process_list.h"

#include <charconv>
#include <filesystem>
#include <fstream>

namespace camstream {

std::vector<int> numbers_in(const std::string& folder) {
  std::vector<int> found;
  std::error_code gone;
  for (std::filesystem::directory_iterator at(folder, gone), end; !gone && at != end; at.increment(gone)) {
    const std::string name = at->path().filename();
    int number = 0;
    const auto [rest, failure] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (failure == std::errc{} && rest == name.data() + name.size()) found.push_back(number);
  }
  return found;
}

std::string process_name(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
  std::string name;
  std::getline(file, name);
  return name.empty() ? "a program" : name;
}

}  // namespace camstream
