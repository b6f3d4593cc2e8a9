// The known name that somebody most likely meant.
#pragma once

#include <string>
#include <vector>

namespace camstream {

// Empty: none is near enough.
std::string nearest_name(const std::string& name, const std::vector<std::string>& known);

}  // namespace camstream
