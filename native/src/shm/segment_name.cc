#include "shm/segment_name.h"

#include <algorithm>

namespace camstream {
namespace {

constexpr size_t kMaxLength = 63;  // the header has room for it and a zero

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool is_allowed(char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; }

// The name comes from anywhere, so what is shown of it is printable and short.
std::string shown(const std::string& name) {
  std::string text = name.substr(0, 80);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text.size() < name.size() ? text + "..." : text;
}

}  // namespace

Status check_ring_name(const std::string& name) {
  const std::string rule = "Wanted 1 to 63 of A-Z a-z 0-9 . _ -, beginning with a letter or digit.";
  if (name.empty()) return Error{"RING_NAME", "the ring's name is empty. " + rule};
  if (name.size() > kMaxLength) {
    return Error{"RING_NAME", "the ring's name has " + std::to_string(name.size()) + " characters: \"" +
                                  shown(name) + "\". " + rule};
  }
  if (!is_alphanumeric(name[0]) || !std::all_of(name.begin(), name.end(), is_allowed)) {
    return Error{"RING_NAME", "\"" + shown(name) + "\" is no name for a ring. " + rule};
  }
  return ok();
}

}  // namespace camstream
