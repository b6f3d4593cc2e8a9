// What /proc tells of a process: leaks show here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

namespace camstream {

inline uint64_t open_descriptors(const std::string& process) {
  uint64_t count = 0;
  std::error_code gone;
  for (std::filesystem::directory_iterator at("/proc/" + process + "/fd", gone), end; at != end;
       at.increment(gone)) {
    ++count;
  }
  return count;
}

// Mappings of rings and lease pages.
inline uint64_t ring_mappings(const std::string& process) {
  uint64_t count = 0;
  std::ifstream maps("/proc/" + process + "/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find("/dev/shm/") != std::string::npos ||
        line.find("memfd:camstream-lease") != std::string::npos) {
      ++count;
    }
  }
  return count;
}

}  // namespace camstream
