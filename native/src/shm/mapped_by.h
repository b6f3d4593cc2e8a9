// Who still maps a ring that was removed: its memory is theirs until they let go.
#pragma once

#include <string>
#include <vector>

namespace camstream {

struct MappingProcess {
  int pid = 0;
  std::string command;
};

// Processes (those that we may look into) that map the removed file `path`. Reads /proc.
std::vector<MappingProcess> processes_mapping_removed(const std::string& path);

// "process 4711 (node), process 4712 (python3)"
std::string describe(const std::vector<MappingProcess>& processes);

}  // namespace camstream
