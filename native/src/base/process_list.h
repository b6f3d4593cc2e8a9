// The processes of this machine, as /proc has them.
#pragma once

#include <string>
#include <vector>

namespace camstream {

// The numbers in the names of a folder's entries; "/proc": of all processes, "/proc/PID/fd": of its
// descriptors. Empty where we may not look.
std::vector<int> numbers_in(const std::string& folder);

// "node", or "a program" where it is gone.
std::string process_name(int pid);

}  // namespace camstream
